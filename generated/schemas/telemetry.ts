// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "accessLogging": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "disabled": {
      "type": "boolean"
     },
     "filter": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "expression": {
        "type": "string"
       }
      }
     },
     "match": {
      "$ref": "#/$defs/538248aa"
     },
     "providers": {
      "$ref": "#/$defs/f6ef3a73"
     }
    }
   }
  },
  "metrics": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "overrides": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "disabled": {
         "type": "boolean"
        },
        "match": {
         "type": "object",
         "additionalProperties": false,
         "properties": {
          "customMetric": {
           "type": "string",
           "minLength": 1
          },
          "metric": {
           "type": "string",
           "enum": [
            "ALL_METRICS",
            "REQUEST_COUNT",
            "REQUEST_DURATION",
            "REQUEST_SIZE",
            "RESPONSE_SIZE",
            "TCP_OPENED_CONNECTIONS",
            "TCP_CLOSED_CONNECTIONS",
            "TCP_SENT_BYTES",
            "TCP_RECEIVED_BYTES",
            "GRPC_REQUEST_MESSAGES",
            "GRPC_RESPONSE_MESSAGES"
           ]
          },
          "mode": {
           "type": "string",
           "enum": [
            "CLIENT_AND_SERVER",
            "CLIENT",
            "SERVER"
           ]
          }
         },
         "atMostOne": [
          [
           "metric",
           "customMetric"
          ]
         ]
        },
        "tagOverrides": {
         "type": "object",
         "additionalProperties": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
           "operation": {
            "type": "string",
            "enum": [
             "UPSERT",
             "REMOVE"
            ]
           },
           "value": {
            "type": "string"
           }
          }
         }
        }
       }
      }
     },
     "providers": {
      "$ref": "#/$defs/f6ef3a73"
     },
     "reportingInterval": {
      "type": "string"
     }
    }
   }
  },
  "selector": {
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
  },
  "targetRef": {
   "$ref": "#/$defs/b288a79a"
  },
  "targetRefs": {
   "type": "array",
   "items": {
    "$ref": "#/$defs/b288a79a"
   },
   "maxItems": 16
  },
  "tracing": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "customTags": {
      "type": "object",
      "additionalProperties": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "environment": {
         "$ref": "#/$defs/45b7dcfd"
        },
        "formatter": {
         "$ref": "#/$defs/030c3d57"
        },
        "header": {
         "$ref": "#/$defs/45b7dcfd"
        },
        "literal": {
         "$ref": "#/$defs/030c3d57"
        }
       },
       "atMostOne": [
        [
         "literal",
         "environment",
         "header",
         "formatter"
        ]
       ]
      }
     },
     "disableSpanReporting": {
      "type": "boolean"
     },
     "enableIstioTags": {
      "type": "boolean"
     },
     "match": {
      "$ref": "#/$defs/538248aa"
     },
     "providers": {
      "$ref": "#/$defs/f6ef3a73"
     },
     "randomSamplingPercentage": {
      "type": "number",
      "minimum": 0,
      "maximum": 100
     },
     "useRequestIdForTraceSampling": {
      "type": "boolean"
     }
    }
   }
  }
 },
 "$defs": {
  "538248aa": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "mode": {
     "type": "string",
     "enum": [
      "CLIENT_AND_SERVER",
      "CLIENT",
      "SERVER"
     ]
    }
   }
  },
  "f6ef3a73": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "name": {
      "type": "string",
      "minLength": 1
     }
    },
    "required": [
     "name"
    ]
   }
  },
  "b288a79a": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "group": {
     "type": "string",
     "maxLength": 253
    },
    "kind": {
     "type": "string",
     "minLength": 1,
     "pattern": "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
     "maxLength": 63
    },
    "name": {
     "type": "string",
     "minLength": 1,
     "maxLength": 253
    },
    "namespace": {
     "type": "string"
    }
   },
   "required": [
    "kind",
    "name"
   ]
  },
  "45b7dcfd": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "defaultValue": {
     "type": "string"
    },
    "name": {
     "type": "string",
     "minLength": 1
    }
   },
   "required": [
    "name"
   ]
  },
  "030c3d57": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "value": {
     "type": "string",
     "minLength": 1
    }
   },
   "required": [
    "value"
   ]
  }
 }
};
