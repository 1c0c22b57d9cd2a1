import { edit, parseSpec, told } from "../test-support.ts";

const check = (spec: unknown) => parseSpec("Gateway", spec);

const hash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const full = {
  selector: { istio: "ingressgateway" },
  servers: [
    {
      port: { number: 80, name: "http", protocol: "HTTP" },
      bind: "10.0.0.1",
      hosts: ["a.example.com", "./b.example.com", "shop/*.example.org", "*/*"],
      tls: { httpsRedirect: true },
    },
    {
      port: { number: 443, name: "https", protocol: "HTTPS" },
      hosts: ["*"],
      tls: {
        mode: "MUTUAL",
        credentialName: "kubernetes://edge/shop",
        subjectAltNames: ["a"],
        verifyCertificateHash: [hash],
        verifyCertificateSpki: [`${"A".repeat(43)}=`],
        minProtocolVersion: "TLSV1_2",
        maxProtocolVersion: "TLSV1_3",
        cipherSuites: ["ECDHE-RSA-AES256-GCM-SHA384"],
      },
    },
    {
      port: { number: 8443, name: "files", protocol: "TLS" },
      hosts: ["files.example.com"],
      tls: { mode: "SIMPLE", serverCertificate: "/c", privateKey: "/k" },
    },
    { port: { number: 0, name: "socket", protocol: "HTTP" }, bind: "unix:///run/a", hosts: ["*"] },
  ],
};

it("takes every field", () => {
  const { objects, problems } = check(full);
  expect(told(problems)).toEqual([]);
  expect(told(problems, "warning")).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(full);
});

it("brings hosts to one form and leaves namespaces alone", () => {
  const { objects } = check(edit(full, "servers.0.hosts", ["shop/A.Example.COM.", "B.example.com"]));
  const [object] = objects;
  if (object?.kind !== "Gateway") throw new Error("no Gateway");
  expect(object.spec.servers?.[0]?.hosts).toEqual(["shop/a.example.com", "b.example.com"]);
});

const tls = "spec.servers[1].tls";
it.each([
  ["no server", { selector: { a: "b" } }, "HED209 spec.servers"],
  ["no host", edit(full, "servers.0.hosts", []), "HED209 spec.servers[0].hosts"],
  ["a short host", edit(full, "servers.0.hosts", ["shop"]), "HED201 spec.servers[0].hosts[0]"],
  ["a bad namespace", edit(full, "servers.0.hosts", ["A/a.com"]), "HED201 spec.servers[0].hosts[0]"],
  ["two namespaces", edit(full, "servers.0.hosts", ["a/b/c.com"]), "HED201 spec.servers[0].hosts[0]"],
  ["a wildcard inside", edit(full, "servers.0.hosts", ["a.*.com"]), "HED201 spec.servers[0].hosts[0]"],
  ["a host twice", edit(full, "servers.0.hosts", ["a.com", "a.com"]), "HED212 spec.servers[0].hosts[1]"],
  ["an unnamed port", edit(full, "servers.0.port.name", ""), "HED209 spec.servers[0].port.name"],
  ["a port name twice", edit(full, "servers.0.port.name", "https"), "HED212 spec.servers[1].port.name"],
  ["a port that is none", edit(full, "servers.0.port.number", 70_000), "HED204 spec.servers[0].port.number"],
  ["UDP", edit(full, "servers.0.port.protocol", "UDP"), "HED216 spec.servers[0].port.protocol"],
  ["no protocol we know", edit(full, "servers.0.port.protocol", "HTTPSS"), "HED216 spec.servers[0].port.protocol"],
  ["a bad address", edit(full, "servers.0.bind", "localhost"), "HED211 spec.servers[0].bind"],
  ["HTTPS without tls", edit(full, "servers.1.tls", undefined), "HED209 spec.servers[1]"],
  ["HTTP with certificates", edit(full, "servers.0.tls.credentialName", "a"), "HED208 spec.servers[0].tls"],
  ["TCP with tls", edit(full, "servers.1.port.protocol", "TCP"), "HED208 spec.servers[1].tls"],
  ["no certificate", edit(full, "servers.1.tls.credentialName", undefined), `HED209 ${tls}`],
  ["two sources", edit(full, "servers.1.tls.credentialNames", ["a"]), `HED114 ${tls}`],
  ["no Secret's name", edit(full, "servers.1.tls.credentialName", "a/b/c"), `HED118 ${tls}.credentialName`],
  ["no hash", edit(full, "servers.1.tls.verifyCertificateHash", ["ab"]), `HED216 ${tls}.verifyCertificateHash[0]`],
  ["no SPKI", edit(full, "servers.1.tls.verifyCertificateSpki", ["ab"]), `HED216 ${tls}.verifyCertificateSpki[0]`],
  [
    "versions upside down",
    edit(full, "servers.1.tls.maxProtocolVersion", "TLSV1_1"),
    `HED208 ${tls}.minProtocolVersion`,
  ],
  ["ISTIO_MUTUAL with a key", edit(full, "servers.1.tls.mode", "ISTIO_MUTUAL"), `HED208 ${tls}.credentialName`],
  ["a relative file", edit(full, "servers.2.tls.privateKey", "k"), "HED216 spec.servers[2].tls.privateKey"],
  ["MUTUAL without roots", edit(full, "servers.2.tls.mode", "MUTUAL"), "HED209 spec.servers[2].tls"],
])("refuses %s", (_what, spec, problem) => {
  expect(told(check(spec).problems)).toContain(problem);
});

it.each([
  ["an unknown cipher suite", edit(full, "servers.1.tls.cipherSuites", ["RC4"]), `HED216 ${tls}.cipherSuites[0]`],
  ["certificates with PASSTHROUGH", edit(full, "servers.1.tls.mode", "PASSTHROUGH"), `HED214 ${tls}.credentialName`],
  ["names of nobody with SIMPLE", edit(full, "servers.1.tls.mode", "SIMPLE"), `HED214 ${tls}.subjectAltNames`],
  ["a selector that is empty", edit(full, "selector", {}), "HED210 spec.selector"],
  ["httpsRedirect with TLS", edit(full, "servers.1.tls.httpsRedirect", true), `HED214 ${tls}.httpsRedirect`],
])("warns of %s", (_what, spec, problem) => {
  const { problems, objects } = check(spec);
  expect(told(problems, "warning")).toContain(problem);
  expect(objects).toHaveLength(1);
});
