/** A Pod whose container is e2e/apps/echo.mjs, of service account `app`; `name` is also its HOSTNAME, told as `instance`. */
export function echoPod(name: string, app: string, version = "v1", namespace = "default"): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${app}, version: ${version} } }
spec:
  serviceAccountName: ${app}
  containers:
    - name: app
      image: echo
      command: [node, e2e/apps/echo.mjs]
      env: [{ name: SERVICE, value: ${app} }, { name: VERSION, value: ${version} }]
      ports: [{ containerPort: 8080 }]
`;
}

/** A Pod with a sidecar and no app: tests send requests from it. */
export function clientPod(name: string, namespace = "default"): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name} } }
spec: { serviceAccountName: ${name}, containers: [{ name: app, image: none }] }
`;
}

/** A Service with an HTTP port 8080, and one Pod `<app>-<version>` for each version. */
export function echoService(app: string, versions: readonly string[] = ["v1"], namespace = "default"): string {
  const service = `apiVersion: v1
kind: Service
metadata: { name: ${app}, namespace: ${namespace} }
spec: { selector: { app: ${app} }, ports: [{ name: http, port: 8080 }] }
`;
  return documents(service, ...versions.map((version) => echoPod(`${app}-${version}`, app, version, namespace)));
}

export function documents(...yaml: readonly string[]): string {
  return yaml.join("---\n");
}
