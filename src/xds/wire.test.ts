import { DeltaDiscoveryResponse, DiscoveryResponse } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import { Any } from "../../generated/google/protobuf/any.ts";
import { typeUrls } from "../envoy/index.ts";
import { resource } from "./testdata/resources.ts";
import { absentEntries, assemble, deltaEntries, sotwEntries } from "./wire.ts";

const long = "x".repeat(70_000);
const resources = [
  resource("cds", "a", "1"),
  resource("cds", "outbound|80||grüße.example", "2"),
  resource("cds", "n".repeat(127), long),
  resource("cds", "m".repeat(128), "t".repeat(16_300)),
];
const bytesOf = ({ parts, bytes }: { parts: readonly Uint8Array[]; bytes: number }) => Buffer.concat(parts, bytes);

it.each([
  ["of nothing", [], []],
  ["of one", resources.slice(0, 1), ["gone"]],
  ["of many", resources, ["gone", long, "ö"]],
])("writes a delta response %s as the generated encoder does", (_, list, removed) => {
  const ours = bytesOf(assemble("v1", [deltaEntries(list)], typeUrls.cds, removed, "s.17"));
  const theirs = DeltaDiscoveryResponse.encode(
    DeltaDiscoveryResponse.fromPartial({
      systemVersionInfo: "v1",
      resources: list.map(({ name, version, bytes }) => ({ name, version, resource: Any.decode(bytes) })),
      typeUrl: typeUrls.cds,
      removedResources: removed,
      nonce: "s.17",
    }),
  ).finish();
  expect(ours.equals(theirs)).toBe(true);
});

it("writes a SotW response as the generated encoder does, from several parts", () => {
  const ours = bytesOf(
    assemble("v1", [sotwEntries(resources.slice(0, 2)), sotwEntries(resources.slice(2))], typeUrls.eds, [], "s.18"),
  );
  const theirs = DiscoveryResponse.encode(
    DiscoveryResponse.fromPartial({
      versionInfo: "v1",
      resources: resources.map(({ bytes }) => Any.decode(bytes)),
      typeUrl: typeUrls.eds,
      nonce: "s.18",
    }),
  ).finish();
  expect(ours.equals(theirs)).toBe(true);
});

it("says that a virtual host does not exist by a resource without body", () => {
  const ours = bytesOf(assemble("", [absentEntries(["80/h", long])], typeUrls.vhds, [], "n"));
  const theirs = DeltaDiscoveryResponse.fromPartial({
    resources: [
      { name: "80/h", aliases: ["80/h"] },
      { name: long, aliases: [long] },
    ],
    typeUrl: typeUrls.vhds,
    nonce: "n",
  });
  expect(ours.equals(DeltaDiscoveryResponse.encode(theirs).finish())).toBe(true);
});
