import type { ApiAnswer } from "./api.ts";
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
