import { echoPod, echoService as serviceOf } from "./harness/index.ts";

/** A Pod from which tests send requests: its service account has its name. */
export function clientPod(name: string): string {
  return echoPod({ name });
}

/** A Service with an HTTP port 8080, and one Pod `<app>-<version>` for each version. */
export function echoService(app: string, versions: readonly string[] = ["v1"], namespace = "default"): string {
  const pods = versions.map((version) => echoPod({ name: `${app}-${version}`, app, version, namespace }));
  return documents(serviceOf({ name: app, namespace, ports: { http: [8080] } }), ...pods);
}

/** One file of several documents. */
export function documents(...yaml: readonly string[]): string {
  return yaml.map((text) => (text.startsWith("---\n") ? text : `---\n${text}`)).join("");
}
