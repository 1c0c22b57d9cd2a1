import { readFile } from "node:fs/promises";
import type { TokenRequest } from "../ca/index.ts";
import type { Problem } from "../lib/index.ts";
import { send, type Reply } from "./transport.ts";
import type {
  ApplyReport,
  CaStatus,
  ConfigResource,
  ConfigType,
  ObjectSummary,
  ProxyStatus,
  RefusedCaller,
} from "./types.ts";

/** Why a call has no value, in a sentence for the user. */
export interface AdminFault {
  readonly kind: "no-token" | "not-running" | "refused" | "bad-request" | "failed";
  readonly message: string;
}

export type Answer<T> = { readonly value: T } | { readonly error: AdminFault };

/** The admin API as functions. None of them throws. */
export interface AdminClient {
  proxies(): Promise<Answer<readonly ProxyStatus[]>>;
  refused(): Promise<Answer<readonly RefusedCaller[]>>;
  config(proxy: string, type?: ConfigType): Promise<Answer<readonly ConfigResource[]>>;
  problems(): Promise<Answer<readonly Problem[]>>;
  objects(): Promise<Answer<readonly ObjectSummary[]>>;
  /** `written: false` in the value: the text has errors. With `waitMs` it answers when the text is live, or that long after. */
  apply(text: string, options: { file: string; waitMs?: number }): Promise<Answer<ApplyReport>>;
  createToken(request: Omit<TokenRequest, "audience">): Promise<Answer<{ token: string; expiresAt: number }>>;
  ca(): Promise<Answer<CaStatus>>;
  metrics(): Promise<Answer<string>>;
}

/** A client of the control plane at `url`; reads the token anew for each call, so that it survives a restart of the server. */
export function createAdminClient({ url, tokenFile }: { url: string; tokenFile: string }): AdminClient {
  const call = async (method: "GET" | "POST", path: string, more: CallOptions = {}): Promise<Answer<string>> => {
    const token = await readToken(tokenFile);
    if ("error" in token) return token;
    const { timeoutMs = 15_000, accept = [], ...body } = more;
    const reply = await send(new URL(path, url), { method, token: token.value, timeoutMs, ...body });
    return answerOf(reply, accept, { url, tokenFile });
  };
  const get = async <T>(path: string, pick: (body: never) => T): Promise<Answer<T>> =>
    parsed(await call("GET", path), pick);
  return {
    proxies: () => get("/api/v1/proxies", (body: { proxies: readonly ProxyStatus[] }) => body.proxies),
    refused: () => get("/api/v1/refused", (body: { callers: readonly RefusedCaller[] }) => body.callers),
    problems: () => get("/api/v1/problems", (body: { problems: readonly Problem[] }) => body.problems),
    objects: () => get("/api/v1/objects", (body: { objects: readonly ObjectSummary[] }) => body.objects),
    ca: () => get("/api/v1/ca", (body: CaStatus) => body),
    metrics: () => call("GET", "/metrics"),
    config: (proxy, type) =>
      get(
        `/api/v1/proxies/${encodeURIComponent(proxy)}/config${type ? `?type=${type}` : ""}`,
        (body: { resources: readonly ConfigResource[] }) => body.resources,
      ),
    async apply(text, { file, waitMs }) {
      const wait = waitMs === undefined ? "" : `&wait=true&timeoutMs=${waitMs}`;
      const answer = await call("POST", `/api/v1/apply?file=${encodeURIComponent(file)}${wait}`, {
        body: text,
        contentType: "application/yaml",
        timeoutMs: (waitMs ?? 0) + 15_000,
        accept: [422], // the problems are the answer
      });
      return parsed(answer, (report: ApplyReport) => report);
    },
    async createToken(request) {
      const answer = await call("POST", "/api/v1/tokens", {
        body: JSON.stringify(request),
        contentType: "application/json",
      });
      return parsed(answer, (made: { token: string; expiresAt: number }) => made);
    },
  };
}

interface CallOptions {
  readonly body?: string;
  readonly contentType?: string;
  readonly timeoutMs?: number;
  readonly accept?: readonly number[];
}

async function readToken(file: string): Promise<Answer<string>> {
  try {
    return { value: (await readFile(file, "utf8")).trim() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const hint =
      code === "EACCES"
        ? "only the user who runs the control plane may read it"
        : 'a control plane writes it when it starts: is "heddle serve" or "heddle up" running, with this state directory?';
    return { error: { kind: "no-token", message: `the admin token ${file} cannot be read (${code}): ${hint}` } };
  }
}

function answerOf(
  reply: Reply,
  accept: readonly number[],
  { url, tokenFile }: { url: string; tokenFile: string },
): Answer<string> {
  if ("code" in reply) {
    if (reply.code === "ETIMEDOUT") return fault("failed", `the control plane at ${url} did not answer in time`);
    return fault(
      "not-running",
      `no control plane answers at ${url} (${reply.code}): is "heddle serve" or "heddle up" running?`,
    );
  }
  const { status, body } = reply;
  if (status < 300 || accept.includes(status)) return { value: body };
  if (status === 401)
    return fault("refused", `the control plane at ${url} refused the token of ${tokenFile}: it may be of another one`);
  const said = errorOf(body);
  if (status === 403) return fault("refused", said);
  return fault(status < 500 ? "bad-request" : "failed", said);
}

function fault(kind: AdminFault["kind"], message: string): { error: AdminFault } {
  return { error: { kind, message } };
}

function errorOf(body: string): string {
  const { error } = (parseJson(body) ?? {}) as { error?: unknown };
  return typeof error === "string" ? error : "the control plane answered with an error it did not explain";
}

function parsed<B, T>(answer: Answer<string>, pick: (body: B) => T): Answer<T> {
  if ("error" in answer) return answer;
  const body = parseJson(answer.value);
  if (typeof body !== "object" || body === null)
    return fault("failed", "whoever answers at this address is no control plane of ours");
  return { value: pick(body as B) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
