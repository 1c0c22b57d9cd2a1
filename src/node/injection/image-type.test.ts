import { imageOfType } from "./image-type.ts";

it.each([
  ["envoyproxy/envoy:v1.40.0", "debug", "envoyproxy/envoy:debug-v1.40.0"],
  ["registry.example:5000/envoy:v1.40.0", "debug", "registry.example:5000/envoy:debug-v1.40.0"],
  ["registry.example:5000/envoy", "debug", "registry.example:5000/envoy"],
  ["envoyproxy/envoy:debug-v1.40.0", "debug", "envoyproxy/envoy:debug-v1.40.0"],
  ["envoyproxy/envoy@sha256:0123", "debug", "envoyproxy/envoy@sha256:0123"],
  ["envoyproxy/envoy:v1.40.0", "default", "envoyproxy/envoy:v1.40.0"],
  ["envoyproxy/envoy:v1.40.0", "distroless", "envoyproxy/envoy:v1.40.0"],
  ["envoyproxy/envoy:v1.40.0", undefined, "envoyproxy/envoy:v1.40.0"],
])("%s of type %s is %s", (image, type, expected) => {
  expect(imageOfType(image, type)).toBe(expected);
});
