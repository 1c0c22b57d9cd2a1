import { isFields, type Fields } from "../../node/index.ts";

/** The question of an API server: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: Fields;
  readonly oldObject?: Fields;
}

/** The answer to one question. */
export interface Verdict {
  readonly allowed: boolean;
  /** For whoever runs kubectl, where it is refused. */
  readonly message?: string;
  /** Shown by kubectl whatever the verdict. */
  readonly warnings?: readonly string[];
  /** JSON patch. */
  readonly patch?: string;
}

const maxDepth = 100;
const maxWarning = 256; // Kubernetes cuts longer ones
const maxWarnings = 30;
const maxMessage = 8_000;

/** True where brackets outside of strings nest deeper than any object does; one pass, no recursion. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 92) at++;
      else if (char === 34) quoted = false;
    } else if (char === 34) quoted = true;
    else if (char === 91 || char === 123) {
      if (++depth > maxDepth) return true;
    } else if (char === 93 || char === 125) depth--;
  }
  return false;
}

function textAt(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === "string" ? value : "";
}

/** Reads an AdmissionReview, or says why it is none. Never throws. */
export function parseReview(body: string): AdmissionRequest | { readonly refused: string } {
  if (isTooDeep(body)) return { refused: `nests deeper than ${maxDepth}` };
  const review = parseJson(body);
  if (!isFields(review) || review["kind"] !== "AdmissionReview") return { refused: "not an AdmissionReview" };
  if (review["apiVersion"] !== "admission.k8s.io/v1") return { refused: "only admission.k8s.io/v1 is understood" };
  const request = review["request"];
  if (!isFields(request)) return { refused: "the review has no request" };
  const uid = textAt(request, "uid");
  if (uid === "" || uid.length > 256) return { refused: "the request has no uid" };
  const { object, oldObject } = request;
  if (!isFields(object)) return { refused: "the request has no object" };
  return {
    uid,
    operation: textAt(request, "operation"),
    namespace: textAt(request, "namespace"),
    name: textAt(request, "name"),
    object,
    ...(isFields(oldObject) ? { oldObject } : {}),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The answer as the API server reads it. */
export function formatReview(uid: string, verdict: Verdict): object {
  const { allowed, message, warnings = [], patch } = verdict;
  const shown = warnings.slice(0, maxWarnings).map((text) => cut(text.replaceAll(/[\r\n]+/g, " "), maxWarning));
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid,
      allowed,
      ...(message === undefined ? {} : { status: { code: 400, reason: "Invalid", message: cut(message, maxMessage) } }),
      ...(shown.length > 0 ? { warnings: shown } : {}),
      ...(patch === undefined ? {} : { patchType: "JSONPatch", patch: Buffer.from(patch).toString("base64") }),
    },
  };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
