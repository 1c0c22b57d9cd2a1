/** The version of this build: what an image was built as (HEDDLE_VERSION), else that of the sources. */
export const version = process.env["HEDDLE_VERSION"] ?? "0.1.0";
