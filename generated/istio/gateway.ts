// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.
export type GatewaySpec = {
  readonly "selector"?: Readonly<Record<string, string>>;
  readonly "servers"?: readonly ({
    readonly "bind"?: string;
    readonly "defaultEndpoint"?: string;
    readonly "hosts": readonly (string)[];
    readonly "name"?: string;
    readonly "port": {
      readonly "name": string;
      readonly "number": number;
      readonly "protocol": string;
      readonly "targetPort"?: number;
    };
    readonly "tls"?: {
      readonly "caCertCredentialName"?: string;
      readonly "caCertificates"?: string;
      readonly "caCrl"?: string;
      readonly "cipherSuites"?: readonly (string)[];
      readonly "credentialName"?: string;
      readonly "credentialNames"?: readonly (string)[];
      readonly "httpsRedirect"?: boolean;
      readonly "maxProtocolVersion"?: "TLS_AUTO" | "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
      readonly "minProtocolVersion"?: "TLS_AUTO" | "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
      readonly "mode"?: "PASSTHROUGH" | "SIMPLE" | "MUTUAL" | "AUTO_PASSTHROUGH" | "ISTIO_MUTUAL" | "OPTIONAL_MUTUAL";
      readonly "privateKey"?: string;
      readonly "serverCertificate"?: string;
      readonly "subjectAltNames"?: readonly (string)[];
      readonly "tlsCertificates"?: readonly ({
        readonly "caCertificates"?: string;
        readonly "privateKey"?: string;
        readonly "serverCertificate"?: string;
      })[];
      readonly "verifyCertificateHash"?: readonly (string)[];
      readonly "verifyCertificateSpki"?: readonly (string)[];
    };
  })[];
};
