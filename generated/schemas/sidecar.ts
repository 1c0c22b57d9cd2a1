// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "egress": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "bind": {
      "type": "string"
     },
     "captureMode": {
      "type": "string",
      "enum": [
       "DEFAULT",
       "IPTABLES",
       "NONE"
      ]
     },
     "hosts": {
      "type": "array",
      "items": {
       "type": "string"
      }
     },
     "port": {
      "$ref": "#/$defs/e9909ba1"
     }
    },
    "required": [
     "hosts"
    ]
   }
  },
  "inboundConnectionPool": {
   "$ref": "#/$defs/a2e8a4f7"
  },
  "ingress": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "bind": {
      "type": "string"
     },
     "captureMode": {
      "type": "string",
      "enum": [
       "DEFAULT",
       "IPTABLES",
       "NONE"
      ]
     },
     "connectionPool": {
      "$ref": "#/$defs/a2e8a4f7"
     },
     "defaultEndpoint": {
      "type": "string"
     },
     "port": {
      "$ref": "#/$defs/e9909ba1"
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
     "port"
    ]
   }
  },
  "outboundTrafficPolicy": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "egressProxy": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "host": {
       "type": "string"
      },
      "port": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "number": {
         "type": "integer",
         "minimum": 0,
         "maximum": 4294967295
        }
       }
      },
      "subset": {
       "type": "string"
      }
     },
     "required": [
      "host"
     ]
    },
    "mode": {
     "type": "string",
     "enum": [
      "REGISTRY_ONLY",
      "ALLOW_ANY"
     ]
    }
   }
  },
  "workloadSelector": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "labels": {
     "type": "object",
     "additionalProperties": {
      "type": "string",
      "maxLength": 63
     },
     "maxProperties": 256
    }
   }
  }
 },
 "$defs": {
  "e9909ba1": {
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
   }
  },
  "a2e8a4f7": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "http": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "h2UpgradePolicy": {
       "type": "string",
       "enum": [
        "DEFAULT",
        "DO_NOT_UPGRADE",
        "UPGRADE"
       ]
      },
      "http1MaxPendingRequests": {
       "type": "integer"
      },
      "http2MaxRequests": {
       "type": "integer"
      },
      "idleTimeout": {
       "type": "string"
      },
      "maxConcurrentStreams": {
       "type": "integer"
      },
      "maxRequestsPerConnection": {
       "type": "integer"
      },
      "maxRetries": {
       "type": "integer"
      },
      "useClientProtocol": {
       "type": "boolean"
      }
     }
    },
    "tcp": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "connectTimeout": {
       "type": "string"
      },
      "idleTimeout": {
       "type": "string"
      },
      "maxConnectionDuration": {
       "type": "string"
      },
      "maxConnections": {
       "type": "integer"
      },
      "tcpKeepalive": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "interval": {
         "type": "string"
        },
        "probes": {
         "type": "integer",
         "minimum": 0,
         "maximum": 4294967295
        },
        "time": {
         "type": "string"
        }
       }
      }
     }
    }
   }
  }
 }
};
