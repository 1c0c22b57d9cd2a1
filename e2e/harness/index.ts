export { startMesh, type MeshOptions, type TestMesh } from "./mesh.ts";
export { type Answer, type Echo, type Load, type RequestOptions, type Summary } from "./client.ts";
export { waitFor } from "./wait.ts";
export { projectRoot } from "./project.ts";
export { expectNoRejections } from "./rejections.ts";
export { echoPod, echoService, type EchoPod, type EchoService } from "./sample.ts";
export { meshForSuite } from "./suite.ts";
export { converse, requestHttp2, type Conversation, type Heard, type Http2Answer, type Http2Request } from "./probe.ts";
export { serverStats } from "./server-stats.ts";
