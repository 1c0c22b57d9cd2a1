import { parseDocuments } from "../parse.ts";
import { told } from "../test-support.ts";

const check = (text: string) => parseDocuments(text, "it.yaml");
const specOf = (text: string): unknown => {
  const { objects, problems } = check(text);
  expect(problems).toEqual([]);
  return JSON.parse(JSON.stringify(objects[0]?.spec));
};

describe("Service", () => {
  const service = (spec: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: a, creationTimestamp: null}\nspec: ${spec}\n`;

  it("keeps what the mesh uses, with Kubernetes' defaults", () => {
    expect(
      specOf(service("{selector: {app: a}, ports: [{port: 80}], sessionAffinity: None, clusterIP: 10.0.0.1}")),
    ).toEqual({
      type: "ClusterIP",
      clusterIPs: ["10.0.0.1"],
      ipFamilies: [],
      headless: false,
      selector: { app: "a" },
      ports: [{ name: "", port: 80, targetPort: 80, protocol: "TCP" }],
      publishNotReadyAddresses: false,
    });
    expect(
      specOf(
        service(
          "{clusterIP: None, ports: [{name: grpc, port: 80, targetPort: web, appProtocol: grpc}, {name: dns, port: 53, protocol: UDP}], publishNotReadyAddresses: true}",
        ),
      ),
    ).toEqual({
      type: "ClusterIP",
      clusterIPs: [],
      ipFamilies: [],
      headless: true,
      ports: [
        { name: "grpc", port: 80, targetPort: "web", protocol: "TCP", appProtocol: "grpc" },
        { name: "dns", port: 53, targetPort: 53, protocol: "UDP" },
      ],
      publishNotReadyAddresses: true,
    });
    expect(specOf(service("{type: ExternalName, externalName: A.Example.com.}"))).toMatchObject({
      type: "ExternalName",
      externalName: "a.example.com",
    });
  });

  it.each([
    ["ipFamilies: [IPv6]", ["IPv6"]],
    ["ipFamilyPolicy: SingleStack, ipFamilies: [IPv6]", ["IPv6"]],
    ["ipFamilies: [IPv4, IPv6]", ["IPv4", "IPv6"]],
    ["ipFamilyPolicy: RequireDualStack", ["IPv4", "IPv6"]],
    ["ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv6]", ["IPv6", "IPv4"]],
  ])("reads the IP versions of %s", (spec, ipFamilies) => {
    expect(specOf(service(`{ports: [], ${spec}}`))).toMatchObject({ ipFamilies });
  });

  it.each([
    ["{}", "HED111 spec"],
    ["{type: Cluster, ports: []}", "HED112 spec.type"],
    ["{ports: [{port: 0}]}", "HED204 spec.ports[0].port"],
    ["{ports: [{port: 65536}]}", "HED204 spec.ports[0].port"],
    ["{ports: [{name: a}]}", "HED111 spec.ports[0]"],
    ["{ports: [{port: 80}, {port: 81}]}", "HED111 spec.ports[0]"],
    ["{ports: [{name: a, port: 80}, {name: a, port: 81}]}", "HED212 spec.ports[1].name"],
    ["{ports: [{name: a, port: 80}, {name: b, port: 80}]}", "HED212 spec.ports[1].port"],
    ["{ports: [{port: 80, protocol: tcp}]}", "HED112 spec.ports[0].protocol"],
    ["{ports: {port: 80}}", "HED110 spec.ports"],
    ["{clusterIP: a, ports: []}", "HED211 spec.clusterIP[0]"],
    ["{selector: {app: 1}, ports: []}", "HED110 spec.selector.app"],
    ["{type: ExternalName}", "HED201 spec.externalName"],
    ["{ipFamilies: [IPv4, ipv6], ports: []}", "HED112 spec.ipFamilies[1]"],
    ["{ipFamilyPolicy: Both, ports: []}", "HED112 spec.ipFamilyPolicy"],
  ])("refuses %s", (spec, expected) => {
    expect(told(check(service(spec)).problems)).toContain(expected);
    expect(check(service(spec)).objects).toEqual([]);
  });
});

it("keeps of an EndpointSlice what the mesh uses", () => {
  const text = `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: a-1, labels: {kubernetes.io/service-name: a}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}, {name: all}]
endpoints:
- addresses: [10.0.0.1]
  targetRef: {kind: Pod, name: a-x}
  nodeName: n
  zone: z
- addresses: [10.0.0.2]
  conditions: {ready: false, serving: true, terminating: true}
`;
  expect(specOf(text)).toEqual({
    serviceName: "a",
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints: [
      {
        addresses: ["10.0.0.1"],
        ready: true,
        serving: true,
        terminating: false,
        podName: "a-x",
        nodeName: "n",
        zone: "z",
      },
      { addresses: ["10.0.0.2"], ready: false, serving: true, terminating: true },
    ],
  });
  expect(told(check(text.replace("10.0.0.2", "fd00::1")).problems)).toEqual(["HED211 endpoints[1].addresses[0]"]);
  expect(told(check(text.replace("IPv4", "IPv5")).problems)[0]).toBe("HED112 addressType");
});

describe("Pod", () => {
  const pod = (rest: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\n${rest}`;

  it("is ready where its file says nothing of a status", () => {
    expect(
      specOf(
        pod(
          "spec:\n  containers:\n  - {name: a, image: i, command: [node], args: [a.js], env: [{name: A, value: b}, {name: C, valueFrom: {}}], ports: [{containerPort: 8080}], workingDir: /w}\n",
        ),
      ),
    ).toEqual({
      serviceAccountName: "default",
      hostNetwork: false,
      podIPs: [],
      ready: true,
      terminated: false,
      containerPorts: [{ name: "", port: 8080, protocol: "TCP" }],
      containers: [{ name: "a", command: ["node", "a.js"], env: { A: "b" }, workingDir: "/w" }],
    });
  });

  it("takes its status where there is one", () => {
    const status =
      "spec: {serviceAccountName: s, nodeName: n, hostNetwork: true}\nstatus: {phase: Failed, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: fd00::1}], conditions: [{type: Ready, status: 'False'}]}\n";
    expect(specOf(pod(status))).toMatchObject({
      serviceAccountName: "s",
      nodeName: "n",
      hostNetwork: true,
      podIPs: ["10.0.0.1", "fd00::1"],
      ready: false,
      terminated: true,
    });
  });

  it("refuses an address that is none", () => {
    expect(told(check(pod("status: {podIP: 10.0.0}\n")).problems)).toEqual(["HED211 status.podIP"]);
  });
});

it("keeps a Namespace's labels, and no namespace", () => {
  const [object] = check(
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {istio-injection: enabled}}\n",
  ).objects;
  expect(object?.metadata).toMatchObject({ name: "a", namespace: "", labels: { "istio-injection": "enabled" } });
});
