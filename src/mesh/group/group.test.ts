import type { MeshObject } from "../../model/index.ts";
import { buildSnapshot } from "../snapshot.ts";
import { objectsOf, sidecar } from "../testing.ts";
import { memberEntry, withMembers } from "./member-entry.ts";
import { admitMember, memberName, type Member, type MemberClaim } from "./member.ts";
import { probeOf } from "./probe.ts";
import { unwellWorkload } from "./unwell.ts";

const yaml = (more = "") => `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: vms, namespace: shop }
spec:
  metadata: { labels: { app: vm, tier: front }, annotations: { "example.com/a": b } }
  template: { serviceAccount: vm, labels: { tier: back, zone: z }, ports: { http: 8080 }, weight: 3, locality: r/z }
${more}`;
const probing = `  probe: { tcpSocket: { port: 8080 } }`;

const groupOf = (more = ""): MeshObject<"WorkloadGroup"> => {
  const [group] = objectsOf(yaml(more));
  if (group?.kind !== "WorkloadGroup") throw new Error("no group");
  return group;
};
const identity = { namespace: "shop", serviceAccount: "vm" };
const claim: MemberClaim = { group: "vms", address: "10.9.0.1", network: "", labels: {}, locality: "" };
const member: Member = { ...claim, ...identity };

describe("who may join", () => {
  it("is who has a credential of the group's namespace and service account", () => {
    expect(admitMember(groupOf(), identity, claim)).toEqual({ member });
    expect(admitMember(groupOf(), { ...identity, workload: "vms-10.9.0.1" }, claim)).toEqual({ member });
  });

  it.each([
    ["another service account", { ...identity, serviceAccount: "default" }, {}],
    ["another namespace", { ...identity, namespace: "other" }, {}],
    ["a credential of another workload", { ...identity, workload: "vms-10.9.0.2" }, {}],
    ["a name in place of an address", identity, { address: "vm.example.com" }],
    ["another value of a label of the group", identity, { labels: { tier: "back" } }],
  ])("is nobody with %s", (_what, who, more) => {
    expect(admitMember(groupOf(), who, { ...claim, ...more })).toHaveProperty("refused");
  });

  it("without a service account in the template is the namespace's default", () => {
    const [group] = objectsOf(
      "apiVersion: networking.istio.io/v1\nkind: WorkloadGroup\nmetadata: { name: vms, namespace: shop }\nspec: { template: {} }\n",
    ) as MeshObject<"WorkloadGroup">[];
    expect(admitMember(group, { ...identity, serviceAccount: "default" }, claim)).toHaveProperty("member");
    expect(admitMember(group, identity, claim)).toHaveProperty("refused");
  });
});

it("names entries as Istio does", () => {
  expect(memberName(claim)).toBe("vms-10.9.0.1");
  expect(memberName({ ...claim, address: "fd00::1", network: "far" })).toBe("vms-fd00--1-far");
  expect(memberName({ ...claim, group: "g".repeat(300) })).toHaveLength(253);
});

it("makes an entry of the template, the group's metadata, and what the workload says", () => {
  const made = memberEntry(groupOf(), { ...member, labels: { version: "v2", app: "vm" }, locality: "r/other" });
  expect(made).toMatchObject({
    entry: {
      metadata: {
        name: "vms-10.9.0.1",
        namespace: "shop",
        labels: { app: "vm", tier: "front", zone: "z", version: "v2", "security.istio.io/tlsMode": "istio" },
        annotations: {
          "example.com/a": "b",
          "istio.io/autoRegistrationGroup": "vms",
          "proxy.istio.io/health-checks-enabled": "true",
        },
      },
      spec: { address: "10.9.0.1", ports: { http: 8080 }, weight: 3, locality: "r/other", serviceAccount: "vm" },
      origin: { file: "mesh.yaml" },
    },
  });
});

it("refuses labels that no object could have", () => {
  const { refused } = memberEntry(groupOf(), { ...member, labels: { a: "b c" } }) as { refused: string };
  expect(refused).toContain("metadata.labels.a");
});

it.each(["", probing])("serves a member only while it is known to be well: %j", (more) => {
  const healthOf = (healthy?: boolean) => {
    const made = memberEntry(groupOf(more), { ...member, ...(healthy !== undefined && { healthy }) });
    return "entry" in made ? made.entry.spec.healthy : made;
  };
  expect([healthOf(), healthOf(false), healthOf(true)]).toEqual([false, false, true]);
});

it("says of a member why it gets no requests", () => {
  const saysOf = (more: Partial<Member>) => {
    const { snapshot } = buildSnapshot(withMembers(objectsOf(yaml()), [{ ...member, ...more }]));
    return unwellWorkload(snapshot, sidecar({ name: "vms-10.9.0.1", namespace: "shop" }));
  };
  expect(saysOf({ healthy: true })).toEqual([]);
  expect(saysOf({})).toEqual(["it gets no requests: nobody has found it well yet"]);
  expect(saysOf({ healthy: false, unwell: "no connection" })).toEqual(["it gets no requests: no connection"]);
});

it("adds the entries of members whose group is there; an object of that name stays", () => {
  const objects = objectsOf(yaml());
  const stranger: Member = { ...member, group: "gone", address: "10.9.0.9" };
  const all = withMembers(objects, [member, stranger]);
  expect(all.map(({ metadata }) => metadata.name)).toEqual(["vms", "vms-10.9.0.1"]);
  expect(withMembers(objects, [stranger])).toBe(objects);
  const written = objectsOf(`${yaml()}---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: vms-10.9.0.1, namespace: shop }
spec: { address: 10.9.9.9 }
`);
  expect(withMembers(written, [member])).toBe(written);
});

it("gives requests for a service to members that are well", () => {
  const entry = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vms, namespace: shop }
spec:
  hosts: [vms.example]
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  workloadSelector: { labels: { app: vm } }
`;
  const servedTo = (healthy: boolean) => {
    const { snapshot } = buildSnapshot(withMembers(objectsOf(`${yaml(probing)}\n${entry}`), [{ ...member, healthy }]));
    return [...snapshot.endpoints.values()].flatMap(({ endpoints }) => endpoints.filter((one) => one.healthy));
  };
  expect(servedTo(true)).toMatchObject([{ address: "10.9.0.1", ports: { http: 8080 }, weight: 3, meshMtls: true }]);
  expect(servedTo(false)).toEqual([]);
});

it("fills in Istio's defaults of a probe", () => {
  expect(probeOf(groupOf())).toBeUndefined();
  expect(probeOf(groupOf(`  probe: { httpGet: { port: 80 } }`))).toEqual({
    initialDelaySeconds: 0,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 1,
    httpGet: { host: "localhost", port: 80, path: "/", scheme: "HTTP", httpHeaders: [] },
  });
  expect(probeOf(groupOf(probing))).toMatchObject({ tcpSocket: { host: "localhost", port: 8080 } });
});
