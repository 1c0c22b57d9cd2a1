import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { buildResources } from "./build.ts";
import { checkResources } from "./check.ts";
import { parseCase, renderJoined, renderProblems } from "./golden-case.ts";
import { renderSections } from "./render.ts";
import { renderText, renderUsual } from "./render-text.ts";
import type { ProxyResources } from "./resource.ts";

const root = join(__dirname, "testdata");
const rewrite = process.env["HEDDLE_GOLDEN"] === "write";
const inputs = globSync("**/in.yaml", { cwd: root }).sort();

describe.each(inputs)("%s", (input) => {
  const text = readFileSync(join(root, input), "utf8");
  const name = basename(dirname(input));

  it("gives the output that is written beside it", () => {
    const { view, problems, joined } = parseCase(text);
    if (name.startsWith("invalid-")) expect(problems).not.toHaveLength(0);
    const resources = name.startsWith("invalid-") ? "" : renderText(buildResources(view, { vhds: false }));
    compare(join(dirname(input), "out.yaml"), renderProblems(problems) + renderJoined(joined) + resources);
  });

  it("does not depend on the order of the documents, nor on what was built before", () => {
    const expected = versions(build(text));
    expect(versions(build(text))).toEqual(expected);
    expect(versions(build(text, (documents) => documents.toReversed()))).toEqual(expected);
    expect(versions(build(text, (documents) => [...documents.slice(1), ...documents.slice(0, 1)]))).toEqual(expected);
  });

  it.each([false, true])("refers to nothing that is not there (vhds: %s)", (vhds) => {
    expect(checkResources(buildResources(parseCase(text).view, { vhds }))).toEqual([]);
  });

  it("routes the same whether virtual hosts travel alone or together", () => {
    const { view } = parseCase(text);
    expect(routing(buildResources(view, { vhds: true }))).toEqual(routing(buildResources(view, { vhds: false })));
  });

  it("shares all it can: the same view, or a view of an equal proxy, gives the same objects", () => {
    const { view } = parseCase(text);
    const other = { ...view, proxy: { ...view.proxy, name: "another" } };
    expect(buildResources(view, { vhds: true })).toBe(buildResources(view, { vhds: true }));
    expect(buildResources(other, { vhds: true }).shared).toBe(buildResources(view, { vhds: true }).shared);
  });

  it("leaves its input as it was", () => {
    const { view } = parseCase(text);
    freeze(view.scope);
    freeze(view.inbound);
    for (const service of view.scope.services) freeze(view.endpoints(service));
    expect(() => buildResources(view, { vhds: true })).not.toThrow();
  });
});

it("says what the usual blocks are", () => {
  compare("usual.yaml", renderUsual());
});

it("has an input for every output", () => {
  const orphans = globSync("**/out.yaml", { cwd: root }).filter(
    (output) => !inputs.includes(join(dirname(output), "in.yaml")),
  );
  if (rewrite) for (const orphan of orphans) rmSync(join(root, orphan));
  else expect(orphans).toEqual([]);
});

function compare(file: string, text: string): void {
  const path = join(root, file);
  if (rewrite) writeFileSync(path, text);
  else if (!existsSync(path)) throw new Error(`${relative(process.cwd(), path)} is missing: make golden writes it`);
  expect(text).toBe(readFileSync(path, "utf8"));
}

function build(text: string, order?: (documents: string[]) => string[]): ProxyResources {
  return buildResources(parseCase(text, order).view, { vhds: true });
}

/** The route configurations without the names of their virtual hosts, which only VHDS needs to be particular. */
function routing(resources: ProxyResources): unknown {
  return renderSections(resources).routes.map(({ json }) => ({
    ...json,
    virtualHosts: (json["virtualHosts"] as { domains: string[] }[])
      .map((host) => ({ ...host, name: "" }))
      .sort((a, b) => (String(a.domains) < String(b.domains) ? -1 : 1)),
  }));
}

/** Every resource by type and name, with its content hash. */
function versions({ shared, own }: ProxyResources): Record<string, string> {
  const maps = [shared, own].flatMap((set) => Object.values(set));
  const resources = maps.flatMap((map) => [...map.values()]);
  return Object.fromEntries(resources.map(({ type, name, version }) => [`${type} ${name}`, version]));
}

/** At every depth; an attempt to write then throws. */
function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}
