import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { Registry } from "prom-client";
import { openAuthority } from "../../ca/index.ts";
import { createLog, systemClock, type Problem } from "../../lib/index.ts";
import { defaultInjectionSettings, type InjectionSettings } from "../../node/index.ts";
import { startWebhooks, type WebhookCertificate, type WebhookServer } from "../index.ts";

/** The name by which tests call the server: that of its certificate. */
export const serverName = "heddle.heddle-system.svc";

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly serial: string; // of the certificate that was shown
}

/** What the API server is answered. */
export interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly status?: { readonly message: string };
}

/** The webhooks of one test file on a port of their own, and what they are answered from: tests change it. */
export class TestWebhooks {
  readonly registry = new Registry();
  readonly findings: Problem[] = [];
  settings: InjectionSettings = defaultInjectionSettings;
  /** What is given at the next connection; throws where it is undefined. */
  certificate: WebhookCertificate | undefined;
  roots = "";
  readonly #folder = mkdtempSync(join(tmpdir(), "heddle-webhooks-"));
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 });
  #server: WebhookServer | undefined;
  #issue: (() => Promise<WebhookCertificate>) | undefined;

  async start(): Promise<void> {
    const log = createLog("silent");
    const authority = await openAuthority({ dir: this.#folder, trustDomain: "cluster.local", clock: systemClock, log });
    this.roots = authority.bundle();
    this.#issue = async () => {
      const { privateKey, certificateChain } = await authority.issueServer([serverName], [], 3_600_000);
      return { key: privateKey, cert: certificateChain };
    };
    await this.renew();
    this.#server = await startWebhooks({
      host: "127.0.0.1",
      port: 0,
      certificate: () => {
        if (!this.certificate) throw new Error("the secret is gone");
        return this.certificate;
      },
      injection: () => this.settings,
      check: () => this.findings,
      log,
      metrics: this.registry,
    });
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true });
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** A good certificate anew. */
  async renew(): Promise<void> {
    this.certificate = await this.#issue?.();
  }

  /** On a connection that others have used too, or with `fresh` on its own. */
  post(
    path: string,
    body: string | Buffer,
    { type = "application/json", fresh = false }: { readonly type?: string; readonly fresh?: boolean } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(
        {
          host: "127.0.0.1",
          port: this.port,
          path,
          method: "POST",
          servername: serverName,
          ca: this.roots,
          agent: fresh ? new Agent({ keepAlive: false }) : this.#agent,
          headers: { "content-type": type, "content-length": Buffer.byteLength(body) },
        },
        (response) => {
          const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
          let text = "";
          response.on("data", (part: Buffer) => (text += part.toString()));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text, serial }));
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** What a question about an object is answered; it must be. */
  async ask(path: string, object: unknown, more: object = {}): Promise<Response> {
    const { status, text } = await this.post(path, review(object, more));
    expect(status).toBe(200);
    return (JSON.parse(text) as { response: Response }).response;
  }
}

/** One server for all tests of a file. */
export function webhooksForSuite(): TestWebhooks {
  const webhooks = new TestWebhooks();
  beforeAll(() => webhooks.start());
  afterAll(() => webhooks.stop());
  return webhooks;
}

/** A Pod that is to be injected. */
export function pod(spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "cart-", labels: { app: "cart" }, ...metadata },
    spec: { containers: [{ name: "cart", image: "cart:1" }], ...spec },
  };
}

/** The question of an API server about an object. */
export function review(object: unknown, more: object = {}): string {
  return JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "u-1", operation: "CREATE", namespace: "shop", name: "", object, ...more },
  });
}
