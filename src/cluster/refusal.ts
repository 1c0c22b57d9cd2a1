import type { ApiAnswer, KubernetesApi } from "./api.ts";
import { textAt } from "./json.ts";

/** What the API server said in place of what was asked for: `403 Forbidden: configmaps is forbidden ...`. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;

  constructor({ status, body }: ApiAnswer) {
    const { reason, message } = { reason: textAt(body, "reason") ?? "", message: textAt(body, "message") ?? "" };
    super(`the API server answered ${[String(status), reason, message].filter((part) => part !== "").join(" ")}`);
    this.status = status;
  }
}

/** The body of an answer with one of these statuses; throws ApiRefusal for others. */
export function expected(answer: ApiAnswer, ...statuses: readonly number[]): unknown {
  if (!statuses.includes(answer.status)) throw new ApiRefusal(answer);
  return answer.body;
}

/** One text of an object or of what else is at that path; undefined where there is none. Rejects where it could not be asked for. */
export async function readApi(
  api: KubernetesApi,
  path: string,
  ...field: readonly string[]
): Promise<string | undefined> {
  const answer = await api.call({ method: "GET", path });
  return answer.status === 404 ? undefined : textAt(expected(answer, 200), ...field);
}
