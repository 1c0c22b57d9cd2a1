// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "exportTo": {
   "type": "array",
   "items": {
    "type": "string"
   }
  },
  "host": {
   "type": "string"
  },
  "subsets": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "labels": {
      "type": "object",
      "additionalProperties": {
       "type": "string"
      }
     },
     "name": {
      "type": "string"
     },
     "trafficPolicy": {
      "$ref": "#/$defs/8350e162"
     }
    },
    "required": [
     "name"
    ]
   }
  },
  "trafficPolicy": {
   "$ref": "#/$defs/8350e162"
  },
  "workloadSelector": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "matchLabels": {
     "type": "object",
     "additionalProperties": {
      "type": "string",
      "maxLength": 63
     },
     "maxProperties": 4096
    }
   }
  }
 },
 "required": [
  "host"
 ],
 "$defs": {
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
  },
  "3fcc5cd6": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "consistentHash": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "httpCookie": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "attributes": {
         "type": "array",
         "items": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
           "name": {
            "type": "string"
           },
           "value": {
            "type": "string"
           }
          },
          "required": [
           "name"
          ]
         }
        },
        "name": {
         "type": "string"
        },
        "path": {
         "type": "string"
        },
        "ttl": {
         "type": "string"
        }
       },
       "required": [
        "name"
       ]
      },
      "httpHeaderName": {
       "type": "string"
      },
      "httpQueryParameterName": {
       "type": "string"
      },
      "maglev": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "tableSize": {
         "type": "integer",
         "minimum": 0
        }
       }
      },
      "minimumRingSize": {
       "type": "integer",
       "minimum": 0
      },
      "ringHash": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "minimumRingSize": {
         "type": "integer",
         "minimum": 0
        }
       }
      },
      "useSourceIp": {
       "type": "boolean"
      }
     },
     "atMostOne": [
      [
       "httpHeaderName",
       "httpCookie",
       "useSourceIp",
       "httpQueryParameterName"
      ],
      [
       "ringHash",
       "maglev"
      ]
     ]
    },
    "localityLbSetting": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "distribute": {
       "type": "array",
       "items": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "from": {
          "type": "string"
         },
         "to": {
          "type": "object",
          "additionalProperties": {
           "type": "integer",
           "minimum": 0,
           "maximum": 4294967295
          }
         }
        }
       }
      },
      "enabled": {
       "type": "boolean"
      },
      "failover": {
       "type": "array",
       "items": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "from": {
          "type": "string"
         },
         "to": {
          "type": "string"
         }
        }
       }
      },
      "failoverPriority": {
       "type": "array",
       "items": {
        "type": "string"
       }
      }
     }
    },
    "simple": {
     "type": "string",
     "enum": [
      "UNSPECIFIED",
      "LEAST_CONN",
      "RANDOM",
      "PASSTHROUGH",
      "ROUND_ROBIN",
      "LEAST_REQUEST"
     ]
    },
    "warmup": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "aggression": {
       "type": "number",
       "minimum": 0
      },
      "duration": {
       "type": "string"
      },
      "minimumPercent": {
       "type": "number",
       "minimum": 0,
       "maximum": 100
      }
     },
     "required": [
      "duration"
     ]
    },
    "warmupDurationSecs": {
     "type": "string"
    }
   },
   "atMostOne": [
    [
     "simple",
     "consistentHash"
    ]
   ]
  },
  "77e2560b": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "baseEjectionTime": {
     "type": "string"
    },
    "consecutive5xxErrors": {
     "type": "integer",
     "minimum": 0,
     "maximum": 4294967295
    },
    "consecutiveErrors": {
     "type": "integer"
    },
    "consecutiveGatewayErrors": {
     "type": "integer",
     "minimum": 0,
     "maximum": 4294967295
    },
    "consecutiveLocalOriginFailures": {
     "type": "integer",
     "minimum": 0,
     "maximum": 4294967295
    },
    "interval": {
     "type": "string"
    },
    "maxEjectionPercent": {
     "type": "integer"
    },
    "minHealthPercent": {
     "type": "integer"
    },
    "splitExternalLocalOriginErrors": {
     "type": "boolean"
    }
   }
  },
  "1f5d3bc1": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "caCertificates": {
     "type": "string"
    },
    "caCrl": {
     "type": "string"
    },
    "clientCertificate": {
     "type": "string"
    },
    "credentialName": {
     "type": "string"
    },
    "insecureSkipVerify": {
     "type": "boolean"
    },
    "mode": {
     "type": "string",
     "enum": [
      "DISABLE",
      "SIMPLE",
      "MUTUAL",
      "ISTIO_MUTUAL"
     ]
    },
    "privateKey": {
     "type": "string"
    },
    "sni": {
     "type": "string"
    },
    "subjectAltNames": {
     "type": "array",
     "items": {
      "type": "string"
     }
    }
   }
  },
  "8350e162": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "connectionPool": {
     "$ref": "#/$defs/a2e8a4f7"
    },
    "loadBalancer": {
     "$ref": "#/$defs/3fcc5cd6"
    },
    "outlierDetection": {
     "$ref": "#/$defs/77e2560b"
    },
    "portLevelSettings": {
     "type": "array",
     "items": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "connectionPool": {
        "$ref": "#/$defs/a2e8a4f7"
       },
       "loadBalancer": {
        "$ref": "#/$defs/3fcc5cd6"
       },
       "outlierDetection": {
        "$ref": "#/$defs/77e2560b"
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
       "tls": {
        "$ref": "#/$defs/1f5d3bc1"
       }
      }
     },
     "maxItems": 4096
    },
    "proxyProtocol": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "version": {
       "type": "string",
       "enum": [
        "V1",
        "V2"
       ]
      }
     }
    },
    "retryBudget": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "minRetryConcurrency": {
       "type": "integer",
       "minimum": 0,
       "maximum": 4294967295
      },
      "percent": {
       "type": "number",
       "minimum": 0,
       "maximum": 100
      }
     }
    },
    "tls": {
     "$ref": "#/$defs/1f5d3bc1"
    },
    "tunnel": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "protocol": {
       "type": "string"
      },
      "targetHost": {
       "type": "string"
      },
      "targetPort": {
       "type": "integer",
       "minimum": 0,
       "maximum": 4294967295
      }
     },
     "required": [
      "targetHost",
      "targetPort"
     ]
    }
   }
  }
 }
};
