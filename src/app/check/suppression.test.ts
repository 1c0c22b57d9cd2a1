import type { Problem } from "../../lib/index.ts";
import { parseDocuments } from "../../model/index.ts";
import { isSuppressed, parseSuppression, suppressionsIn } from "./suppression.ts";

const problem = (code: string, kind: string, name: string, namespace: string): Problem => ({
  ...{ code, level: "warning", message: "m", object: { kind, name, namespace } },
});

it.each([
  ["IST0118", true],
  ["IST0118=Service cart.shop", true],
  ["IST0118=Service *.shop", true],
  ["IST0118=Service c*", true],
  ["IST0118=Service *a*t.*", true],
  ["IST0118=Service cart.*p.shop", false],
  ["IST0118=Service *x*", false],
  ["IST0118=Service cart", false],
  ["IST0118=Service cartxshop", false],
  ["IST0118=Pod cart.shop", false],
  ["IST0101", false],
])("%s hides a problem of Service cart.shop: %s", (text, expected) => {
  expect(isSuppressed(problem("IST0118", "Service", "cart", "shop"), parseSuppression(text))).toBe(expected);
});

it("names what has no namespace by its name", () => {
  const found = problem("IST0102", "Namespace", "shop", "");
  expect(isSuppressed(found, parseSuppression("IST0102=Namespace shop"))).toBe(true);
});

it.each(["", "cart", "IST0118=Service", "IST0118=Service a b", "IST0118= x"])("refuses %j", (text) => {
  expect(() => parseSuppression(text)).toThrow("write CODE");
});

it("lets an object say itself what it does not want to hear of, but for errors", () => {
  const service = (name: string, codes: string) =>
    `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop, annotations: { galley.istio.io/analyze-suppress: "${codes}" } }
spec: { ports: [{ port: 80 }] }
---
`;
  const { objects } = parseDocuments(service("cart", "IST0112, IST0118") + service("all", "*"), "it.yaml");
  const hides = suppressionsIn(objects);
  expect(hides(problem("IST0118", "Service", "cart", "shop"))).toBe(true);
  expect(hides(problem("IST0101", "Service", "cart", "shop"))).toBe(false);
  expect(hides(problem("IST0118", "Service", "cart", "other"))).toBe(false);
  expect(hides(problem("IST0101", "Service", "all", "shop"))).toBe(true);
  expect(hides({ ...problem("HED212", "Service", "all", "shop"), level: "error" })).toBe(false);
});
