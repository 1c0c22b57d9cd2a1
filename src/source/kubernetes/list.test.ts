import { ApiError, type Call } from "./api.ts";
import { listAll } from "./list.ts";

const resource = { kind: "Pod", apiVersion: "v1", path: "/api/v1/pods", hasStatus: false };
const { signal } = new AbortController();

/** Pages of one item each; `connections` are those over which the answers come. */
function server(
  pages: readonly string[],
  connections: readonly number[],
  errors: Readonly<Record<number, Error>> = {},
) {
  const asked: string[] = [];
  return {
    asked,
    get connection() {
      return connections[Math.min(asked.length, connections.length) - 1];
    },
    get: ({ query = {} }: Call) => {
      const at = query["continue"] ?? "";
      asked.push(at);
      const error = errors[asked.length];
      if (error) return Promise.reject(error);
      const page = at === "" ? 0 : Number(at);
      const metadata = { resourceVersion: "7", ...(page + 1 < pages.length && { continue: `${page + 1}` }) };
      return Promise.resolve({ items: [{ metadata: { name: pages[page] } }], metadata });
    },
  };
}

it("puts the pages of a list together, and says what their items are", async () => {
  const line = server(["a", "b", "c"], [3]);
  const { items, version, connection } = await listAll(line, resource, signal);
  expect([items.length, version, connection]).toEqual([3, "7", 3]);
  expect(items[0]).toEqual({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } });
});

it("begins again when the server has forgotten the moment of the list", async () => {
  const line = server(["a", "b"], [1], { 2: new ApiError(410, "410 the continue token is too old") });
  expect((await listAll(line, resource, signal)).items).toHaveLength(2);
  expect(line.asked).toEqual(["", "1", "", "1"]);
});

it("begins again when pages came over two connections: the second server may have another history (F38)", async () => {
  const line = server(["a", "b"], [1, 2]);
  const { items, connection } = await listAll(line, resource, signal);
  expect([items.length, connection]).toEqual([2, 2]);
  expect(line.asked).toEqual(["", "1", "", "1"]);
});

it("rejects rather than give a part", async () => {
  const line = server(["a", "b"], [1], { 2: new ApiError(0, "ECONNRESET") });
  await expect(listAll(line, resource, signal)).rejects.toThrow("ECONNRESET");
});
