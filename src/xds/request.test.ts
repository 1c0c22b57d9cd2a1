import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import { typeUrls } from "../envoy/index.ts";
import { NameTable } from "./name-table.ts";
import { parseRequest, requestLimits, type Protocol, type Request } from "./request.ts";

const clusters = Array.from({ length: 500 }, (_, i) => `outbound|80||svc-${i}.default.svc.cluster.local`);
const versions = Object.fromEntries(clusters.map((name, i) => [name, `v${i}`]));

function delta(fields: Parameters<typeof DeltaDiscoveryRequest.fromPartial>[0]): Buffer {
  return Buffer.from(
    DeltaDiscoveryRequest.encode(DeltaDiscoveryRequest.fromPartial({ typeUrl: typeUrls.eds, ...fields })).finish(),
  );
}

function sotw(fields: Parameters<typeof DiscoveryRequest.fromPartial>[0]): Buffer {
  return Buffer.from(
    DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ typeUrl: typeUrls.eds, ...fields })).finish(),
  );
}

function read(protocol: Protocol, bytes: Uint8Array): Request {
  const parsed = parseRequest(protocol, bytes);
  if ("invalid" in parsed) throw new Error(parsed.invalid);
  return parsed.request;
}

it("reads long lists and everything around them", () => {
  const fields = { node: { id: "sidecar~1" }, responseNonce: "n1", errorDetail: { message: "no" } };
  const lists = {
    resourceNamesSubscribe: clusters,
    resourceNamesUnsubscribe: ["a"],
    initialResourceVersions: versions,
  };
  const request = read("delta", delta({ ...fields, ...lists }));
  expect(request).toMatchObject({ type: "eds", nonce: "n1", error: "no", node: { id: "sidecar~1" } });
  expect([[...request.add], [...request.drop]]).toEqual([clusters, ["a"]]);
  expect(Object.fromEntries(request.versions)).toEqual(versions);
  const other = read("sotw", sotw({ ...fields, resourceNames: clusters }));
  expect(other).toMatchObject({ type: "eds", nonce: "n1", error: "no", node: { id: "sidecar~1" } });
  expect([...other.names]).toEqual(clusters);
});

it("holds a list once, in whatever order it is sent, and another list apart", () => {
  const [first, again] = [clusters, [...clusters].reverse()].map((names, i) =>
    read("delta", delta({ responseNonce: `n${i}`, resourceNamesSubscribe: names })),
  );
  expect(again?.nonce).toBe("n1");
  expect(again?.add).toBe(first?.add);
  const twice = read("delta", delta({ resourceNamesSubscribe: [...clusters.slice(1), ...clusters.slice(1)] }));
  expect([...twice.add]).toEqual(clusters.slice(1));
  const other = read("delta", delta({ resourceNamesSubscribe: [...clusters.slice(1), "outbound|81||svc-0"] }));
  expect([...other.add]).toEqual([...clusters.slice(1), "outbound|81||svc-0"]);
});

it("takes a field of another kind for none of its names", () => {
  const number = Buffer.from([0x18, 0x05]); // field 3 as a number
  const bytes = Buffer.concat([number, delta({ resourceNamesSubscribe: clusters })]);
  expect([...read("delta", bytes).add]).toEqual(clusters);
});

it("reads names of every script and length", () => {
  const names = [...clusters, "", "köln", "n".repeat(130), "n".repeat(requestLimits.nameLength)];
  expect([...read("delta", delta({ resourceNamesSubscribe: names })).add]).toEqual(names);
  expect([...read("sotw", sotw({ resourceNames: names.filter((name) => name !== "köln") })).names]).toHaveLength(503);
});

it("takes the same bytes for what they mean in each protocol", () => {
  const names = delta({ typeUrl: "", resourceNamesSubscribe: clusters });
  const ofDelta = read("delta", Buffer.concat([delta({}), names]));
  const ofSotw = read("sotw", Buffer.concat([sotw({}), names]));
  expect([ofDelta.add, ofDelta.names.size]).toEqual([ofSotw.names, 0]);
  expect(ofSotw.add.size).toBe(0);
});

it("reads lists that come in several pieces, as any encoder may write them", () => {
  const [half, rest] = [clusters.slice(0, 250), clusters.slice(250)];
  const pieces = [delta({ resourceNamesSubscribe: half }), delta({ resourceNamesSubscribe: rest, responseNonce: "n" })];
  const request = read("delta", Buffer.concat(pieces));
  expect([[...request.add], request.nonce]).toEqual([clusters, "n"]);
});

/** Pairs that leave FNV-1a in one state, whichever of the two is read: so 2,048 names have one hash. */
const pairs = [["h9Gc", "THad"], ["O0Cc", "sAad"], ...Array.from({ length: 9 }, () => ["Q9Cc", "MHad"])] as const;
const alike = Array.from({ length: 2_048 }, (_, i) => pairs.map((pair, bit) => pair[(i >> bit) & 1]).join(""));

it("does not look through names that were made to have one hash", () => {
  const bytes = delta({ resourceNamesSubscribe: alike });
  expect(new NameTable(requestLimits).take(bytes, 3)).toBeUndefined();
  expect([...read("delta", bytes).add]).toEqual(alike);
  expect(new NameTable(requestLimits).take(delta({ resourceNamesSubscribe: clusters }), 3)?.names.size).toBe(500);
});

it.each<[string, Buffer, string]>([
  [
    "is cut off within a list",
    delta({ resourceNamesSubscribe: clusters }).subarray(0, 9_000),
    "not a discovery request",
  ],
  [
    "names too much",
    delta({ resourceNamesSubscribe: [...clusters, "n".repeat(requestLimits.nameLength + 1)] }),
    "a resource name is too long",
  ],
  [
    "names too many",
    delta({ resourceNamesSubscribe: Array.from({ length: requestLimits.names + 1 }, String) }),
    "too many resource names",
  ],
  ["has no type", delta({ typeUrl: "", resourceNamesSubscribe: clusters }), "no type_url"],
])("refuses a long request that %s, again and again", (_, bytes, invalid) => {
  expect(parseRequest("delta", bytes)).toEqual({ invalid });
  expect(parseRequest("delta", bytes)).toEqual({ invalid });
});
