import { TlsParameters_TlsProtocol } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/common.ts";

/** Envoy's clients stop at TLS 1.2 unless told otherwise. */
export const tlsParams = {
  tlsMinimumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_2,
  tlsMaximumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_3,
};
