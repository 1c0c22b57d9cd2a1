// The rooms of src/ and what each may import. A row is the whole truth: anything not listed is an error.
// Run: depcruise --config scripts/lint/rooms.cjs src
const rooms = {
  lib: [],
  model: ["lib", "generated"],
  source: ["lib", "model"],
  mesh: ["lib", "model"],
  envoy: ["lib", "model", "mesh", "generated"],
  ca: ["lib", "generated"],
  cluster: ["lib", "ca"],
  xds: ["lib", "mesh", "envoy", "ca", "generated"],
  node: ["lib", "model"],
  telemetry: ["lib", "mesh", "generated"],
  web: ["lib", "model", "mesh", "xds", "ca", "node", "telemetry"],
  app: ["lib", "model", "source", "mesh", "envoy", "ca", "cluster", "xds", "node", "telemetry", "web"],
};
const pure = "^src/(model|mesh|envoy)/";
const test = "[.]test[.]ts$";
const folder = (room) => (room === "generated" ? "^generated/" : `^src/${room}/`);

const roomRules = Object.entries(rooms).map(([room, may]) => ({
  name: `room-${room}`,
  severity: "error",
  comment: `src/${room} may import only: ${may.join(", ") || "nothing"}`,
  from: { path: folder(room) },
  to: { path: "^(src|generated)/", pathNot: [folder(room), ...may.map(folder)] },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "through-the-door",
      severity: "error",
      comment: "A room is entered through its index.ts only; what lib has for tests, by tests.",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/.+", pathNot: ["^src/$1/", "^src/[^/]+/index[.]ts$", "^src/lib/testdata/"] },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "pure-rooms-touch-no-io",
      severity: "error",
      comment: "model, mesh and envoy are functions of their input: no files, sockets, timers, processes.",
      from: { path: pure, pathNot: test },
      to: {
        path: "^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|timers|worker_threads|process)(/|$)",
        dependencyTypes: ["core"],
      },
    },
    {
      name: "nobody-imports-tests",
      severity: "error",
      from: { pathNot: [test, "/testdata/"] },
      to: { path: `(${test}|/testdata/)` },
    },
    {
      name: "no-dev-deps-in-src",
      severity: "error",
      from: { path: "^src/", pathNot: test },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-unknown-room",
      severity: "error",
      comment: "Add the room to the table first.",
      from: { path: "^src/main[.]ts$" },
      to: { path: "^src/", pathNot: "^src/app/" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};
