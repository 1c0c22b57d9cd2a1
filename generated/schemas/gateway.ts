// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "selector": {
   "type": "object",
   "additionalProperties": {
    "type": "string"
   }
  },
  "servers": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "bind": {
      "type": "string"
     },
     "defaultEndpoint": {
      "type": "string"
     },
     "hosts": {
      "type": "array",
      "items": {
       "type": "string"
      }
     },
     "name": {
      "type": "string"
     },
     "port": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "name": {
        "type": "string"
       },
       "number": {
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967295
       },
       "protocol": {
        "type": "string"
       },
       "targetPort": {
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967295
       }
      },
      "required": [
       "name",
       "number",
       "protocol"
      ]
     },
     "tls": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "caCertCredentialName": {
        "type": "string"
       },
       "caCertificates": {
        "type": "string"
       },
       "caCrl": {
        "type": "string"
       },
       "cipherSuites": {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       "credentialName": {
        "type": "string"
       },
       "credentialNames": {
        "type": "array",
        "items": {
         "type": "string"
        },
        "minItems": 1,
        "maxItems": 2
       },
       "httpsRedirect": {
        "type": "boolean"
       },
       "maxProtocolVersion": {
        "type": "string",
        "enum": [
         "TLS_AUTO",
         "TLSV1_0",
         "TLSV1_1",
         "TLSV1_2",
         "TLSV1_3"
        ]
       },
       "minProtocolVersion": {
        "type": "string",
        "enum": [
         "TLS_AUTO",
         "TLSV1_0",
         "TLSV1_1",
         "TLSV1_2",
         "TLSV1_3"
        ]
       },
       "mode": {
        "type": "string",
        "enum": [
         "PASSTHROUGH",
         "SIMPLE",
         "MUTUAL",
         "AUTO_PASSTHROUGH",
         "ISTIO_MUTUAL",
         "OPTIONAL_MUTUAL"
        ]
       },
       "privateKey": {
        "type": "string"
       },
       "serverCertificate": {
        "type": "string"
       },
       "subjectAltNames": {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       "tlsCertificates": {
        "type": "array",
        "items": {
         "type": "object",
         "additionalProperties": false,
         "properties": {
          "caCertificates": {
           "type": "string"
          },
          "privateKey": {
           "type": "string"
          },
          "serverCertificate": {
           "type": "string"
          }
         }
        },
        "minItems": 1,
        "maxItems": 2
       },
       "verifyCertificateHash": {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       "verifyCertificateSpki": {
        "type": "array",
        "items": {
         "type": "string"
        }
       }
      }
     }
    },
    "required": [
     "hosts",
     "port"
    ]
   }
  }
 }
};
