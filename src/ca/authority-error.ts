/** Why the CA does not start: one sentence that names the file and what is wrong with it; never its content. */
export class AuthorityError extends Error {
  override readonly name = "AuthorityError";
}
