import fc from "fast-check";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildCleanup, buildIptablesRules, buildRestore, type IptablesOptions } from "./index.ts";

const cases: Record<string, IptablesOptions> = {
  defaults: {},
  narrowed: {
    proxyUids: [1337],
    proxyGids: [1337, 1338],
    includeInboundPorts: [80, 443],
    excludeInterfaces: ["docker+"],
    includeOutboundCidrs: ["10.1.2.3/8", "fd00::1/64"],
    excludeOutboundCidrs: ["10.9.9.9", "fd00::9"],
    includeOutboundPorts: [9999],
    excludeOutboundPorts: [5432],
  },
  "inbound-excluded": { excludeInboundPorts: [22], includeOutboundCidrs: [] },
  dns: { dnsServers: ["10.96.0.10", "fd00::10"], excludeOutboundPorts: [53] },
  "dns-all": { dnsServers: "*" },
};

function textOf(options: IptablesOptions): string {
  const { value, problems } = buildIptablesRules(options);
  if (!value) throw new Error(JSON.stringify(problems));
  return `# iptables-restore\n${value.v4}\n# ip6tables-restore\n${value.v6}`;
}

describe("interception rules", () => {
  it.each(Object.keys(cases))("are Istio's: %s", (name) => {
    const file = join(__dirname, "testdata", "iptables", `${name}.txt`);
    const text = textOf(cases[name] ?? {});
    if (process.env["HEDDLE_GOLDEN"] === "write") writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  it.each([
    ["includeInboundPorts[0]", { includeInboundPorts: [0] }],
    ["excludeInboundPorts[1]", { excludeInboundPorts: [80, 65_536] }],
    ["includeOutboundPorts[0]", { includeOutboundPorts: [1.5] }],
    ["excludeOutboundPorts[0]", { excludeOutboundPorts: [Number.NaN] }],
    ["excludeOutboundCidrs[0]", { excludeOutboundCidrs: ["10.0.0.0/33"] }],
    ["excludeOutboundCidrs[0]", { excludeOutboundCidrs: ["10.1"] }],
    ["includeOutboundCidrs[0]", { includeOutboundCidrs: ["0x0a.0.0.1/8"] }],
    ["includeOutboundCidrs[1]", { includeOutboundCidrs: ["::/0", "fe80::1%eth0/64"] }],
    ["excludeInterfaces[0]", { excludeInterfaces: ["eth0 -j ACCEPT\nCOMMIT"] }],
    ["proxyUids[0]", { proxyUids: [0] }],
    ["proxyUids", { proxyUids: [] }],
    ["proxyGids[0]", { proxyGids: [-1] }],
    ["dnsServers[0]", { dnsServers: ["localhost"] }],
    ["inboundPort[0]", { inboundPort: -1 }],
  ] satisfies [string, IptablesOptions][])("refuse %s of %j", (field, options) => {
    const { value, problems } = buildIptablesRules(options);
    expect(value).toBeUndefined();
    expect(problems.map((problem) => problem.field)).toEqual([field]);
  });

  it("never let text of a user through that is not an address or a name", () => {
    const lines = /^(\*(nat|raw)|:ISTIO_[A-Z_]+ - \[0:0\]|-A [A-Z_]+( [-A-Za-z0-9_.:/!,+]+)+|COMMIT)$/;
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 3 }), fc.array(fc.string(), { maxLength: 2 }), (cidrs, names) => {
        const { value } = buildIptablesRules({
          excludeOutboundCidrs: cidrs,
          dnsServers: cidrs,
          excludeInterfaces: names,
        });
        for (const line of (value ? value.v4 + value.v6 : "").split("\n")) if (line) expect(line).toMatch(lines);
      }),
    );
  });
});

describe("applying rules", () => {
  const saved = [
    "*nat",
    ":OUTPUT ACCEPT [0:0]",
    ":DOCKER - [0:0]",
    ":ISTIO_OUTPUT - [0:0]",
    ":ISTIO_OUTPUT_DNS - [0:0]",
    "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
    "-A OUTPUT -j ISTIO_OUTPUT",
    "-A OUTPUT -p tcp -j ISTIO_OUTPUT",
    "-A ISTIO_OUTPUT -j ISTIO_OUTPUT_DNS",
    "COMMIT",
    "*raw",
    ":ISTIO_OUTPUT_DNS - [0:0]",
    "-A OUTPUT -j ISTIO_OUTPUT_DNS",
    "COMMIT",
  ].join("\n");

  it("replaces what is there in the same transaction and removes what is no longer wanted", () => {
    const text = buildRestore("*nat\n:ISTIO_OUTPUT - [0:0]\n-A OUTPUT -p tcp -j ISTIO_OUTPUT\nCOMMIT\n", saved);
    expect(text.split("\n")).toEqual([
      "*nat",
      ":ISTIO_OUTPUT - [0:0]",
      "-D OUTPUT -j ISTIO_OUTPUT",
      "-D OUTPUT -p tcp -j ISTIO_OUTPUT",
      "-F ISTIO_OUTPUT_DNS",
      "-X ISTIO_OUTPUT_DNS",
      "-A OUTPUT -p tcp -j ISTIO_OUTPUT",
      "COMMIT",
      "*raw",
      "-D OUTPUT -j ISTIO_OUTPUT_DNS",
      "-F ISTIO_OUTPUT_DNS",
      "-X ISTIO_OUTPUT_DNS",
      "COMMIT",
      "",
    ]);
  });

  it("changes nothing in the rules of a fresh namespace", () => {
    const rules = buildIptablesRules({ dnsServers: "*" }).value?.v4 ?? "";
    expect(buildRestore(rules, "")).toBe(rules);
  });

  it("cleans up what is ours and leaves the rest", () => {
    expect(buildCleanup(saved)).not.toContain("DOCKER");
    expect(buildCleanup(saved).match(/^-[DFX] .*$/gm)).toHaveLength(9);
    expect(buildCleanup("*nat\n:DOCKER - [0:0]\nCOMMIT\n")).toBe("");
  });
});
