import { createLog } from "../lib/index.ts";
import { parseDocuments, type MeshObject } from "../model/index.ts";
import { Publisher } from "./publisher.ts";

function objectsOf(name: string): readonly MeshObject[] {
  const yaml = `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`;
  return parseDocuments(yaml, "test.yaml").objects;
}

function publisherOf(first: readonly MeshObject[]) {
  const input = { objects: first };
  const published: string[] = [];
  const source = { objects: () => input.objects, problems: () => [] };
  const publisher = new Publisher(source, (_snapshot, revision) => published.push(revision), createLog("silent"));
  return { input, published, publisher };
}

it("publishes what has changed, and the same objects once", () => {
  const { input, published, publisher } = publisherOf(objectsOf("a"));
  publisher.refresh();
  publisher.refresh();
  expect(published).toEqual(["1"]);
  input.objects = objectsOf("b");
  publisher.refresh();
  expect(published).toEqual(["1", "2"]);
});

it("publishes nothing while it is held, then all changes as one", () => {
  const { input, published, publisher } = publisherOf(objectsOf("a"));
  const release = publisher.hold();
  publisher.refresh();
  input.objects = objectsOf("b");
  publisher.refresh();
  expect(published).toEqual([]);
  release();
  release();
  expect(published).toEqual(["1"]);
});

it("waits for all who hold it", () => {
  const { published, publisher } = publisherOf(objectsOf("a"));
  const [first, second] = [publisher.hold(), publisher.hold()];
  first();
  first();
  expect(published).toEqual([]);
  second();
  expect(published).toEqual(["1"]);
});
