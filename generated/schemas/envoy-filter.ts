// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.
export const schema: Record<string, unknown> = {
 "type": "object",
 "additionalProperties": false,
 "properties": {
  "configPatches": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "applyTo": {
      "type": "string",
      "enum": [
       "INVALID",
       "LISTENER",
       "FILTER_CHAIN",
       "NETWORK_FILTER",
       "HTTP_FILTER",
       "ROUTE_CONFIGURATION",
       "VIRTUAL_HOST",
       "HTTP_ROUTE",
       "CLUSTER",
       "EXTENSION_CONFIG",
       "BOOTSTRAP",
       "LISTENER_FILTER"
      ]
     },
     "match": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "cluster": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "name": {
          "type": "string"
         },
         "portNumber": {
          "type": "integer",
          "minimum": 0,
          "maximum": 4294967295
         },
         "service": {
          "type": "string"
         },
         "subset": {
          "type": "string"
         }
        }
       },
       "context": {
        "type": "string",
        "enum": [
         "ANY",
         "SIDECAR_INBOUND",
         "SIDECAR_OUTBOUND",
         "GATEWAY",
         "WAYPOINT"
        ]
       },
       "listener": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "filterChain": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
           "applicationProtocols": {
            "type": "string"
           },
           "destinationPort": {
            "type": "integer",
            "minimum": 0,
            "maximum": 4294967295
           },
           "filter": {
            "$ref": "#/$defs/b3bcf41e"
           },
           "name": {
            "type": "string"
           },
           "sni": {
            "type": "string"
           },
           "transportProtocol": {
            "type": "string"
           }
          }
         },
         "listenerFilter": {
          "type": "string"
         },
         "name": {
          "type": "string"
         },
         "portName": {
          "type": "string"
         },
         "portNumber": {
          "type": "integer",
          "minimum": 0,
          "maximum": 4294967295
         }
        }
       },
       "proxy": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "metadata": {
          "type": "object",
          "additionalProperties": {
           "type": "string"
          }
         },
         "proxyVersion": {
          "type": "string"
         }
        }
       },
       "routeConfiguration": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "gateway": {
          "type": "string"
         },
         "name": {
          "type": "string"
         },
         "portName": {
          "type": "string"
         },
         "portNumber": {
          "type": "integer",
          "minimum": 0,
          "maximum": 4294967295
         },
         "vhost": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
           "domainName": {
            "type": "string"
           },
           "name": {
            "type": "string"
           },
           "route": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
             "action": {
              "type": "string",
              "enum": [
               "ANY",
               "ROUTE",
               "REDIRECT",
               "DIRECT_RESPONSE"
              ]
             },
             "name": {
              "type": "string"
             }
            }
           }
          }
         }
        }
       },
       "waypoint": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "filter": {
          "$ref": "#/$defs/b3bcf41e"
         },
         "portNumber": {
          "type": "integer",
          "minimum": 0,
          "maximum": 4294967295
         },
         "route": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
           "name": {
            "type": "string"
           }
          }
         }
        }
       }
      },
      "atMostOne": [
       [
        "listener",
        "routeConfiguration",
        "cluster",
        "waypoint"
       ]
      ]
     },
     "patch": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "filterClass": {
        "type": "string",
        "enum": [
         "UNSPECIFIED",
         "AUTHN",
         "AUTHZ",
         "STATS"
        ]
       },
       "operation": {
        "type": "string",
        "enum": [
         "INVALID",
         "MERGE",
         "ADD",
         "REMOVE",
         "INSERT_BEFORE",
         "INSERT_AFTER",
         "INSERT_FIRST",
         "REPLACE"
        ]
       },
       "value": {
        "type": "object",
        "additionalProperties": true
       }
      }
     }
    }
   }
  },
  "priority": {
   "type": "integer"
  },
  "targetRefs": {
   "type": "array",
   "items": {
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
   "maxItems": 16
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
  "b3bcf41e": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "name": {
     "type": "string"
    },
    "subFilter": {
     "type": "object",
     "additionalProperties": false,
     "properties": {
      "name": {
       "type": "string"
      }
     }
    }
   }
  }
 }
};
