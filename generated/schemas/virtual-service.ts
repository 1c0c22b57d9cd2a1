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
  "gateways": {
   "type": "array",
   "items": {
    "type": "string"
   }
  },
  "hosts": {
   "type": "array",
   "items": {
    "type": "string"
   }
  },
  "http": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "corsPolicy": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "allowCredentials": {
        "type": "boolean"
       },
       "allowHeaders": {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       "allowMethods": {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       "allowOrigin": {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       "allowOrigins": {
        "type": "array",
        "items": {
         "$ref": "#/$defs/f2139c0c"
        }
       },
       "exposeHeaders": {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       "maxAge": {
        "type": "string"
       },
       "unmatchedPreflights": {
        "type": "string",
        "enum": [
         "UNSPECIFIED",
         "FORWARD",
         "IGNORE"
        ]
       }
      }
     },
     "delegate": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "name": {
        "type": "string"
       },
       "namespace": {
        "type": "string"
       }
      }
     },
     "directResponse": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "body": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "bytes": {
          "type": "string"
         },
         "string": {
          "type": "string"
         }
        },
        "atMostOne": [
         [
          "string",
          "bytes"
         ]
        ]
       },
       "status": {
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967295
       }
      },
      "required": [
       "status"
      ]
     },
     "fault": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "abort": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "grpcStatus": {
          "type": "string"
         },
         "http2Error": {
          "type": "string"
         },
         "httpStatus": {
          "type": "integer"
         },
         "percentage": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
           "value": {
            "type": "number"
           }
          }
         }
        },
        "atMostOne": [
         [
          "httpStatus",
          "grpcStatus",
          "http2Error"
         ]
        ]
       },
       "delay": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "exponentialDelay": {
          "type": "string"
         },
         "fixedDelay": {
          "type": "string"
         },
         "percent": {
          "type": "integer"
         },
         "percentage": {
          "type": "object",
          "additionalProperties": false,
          "properties": {
           "value": {
            "type": "number"
           }
          }
         }
        },
        "atMostOne": [
         [
          "fixedDelay",
          "exponentialDelay"
         ]
        ]
       }
      }
     },
     "headers": {
      "$ref": "#/$defs/91d074cd"
     },
     "match": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "authority": {
         "$ref": "#/$defs/f2139c0c"
        },
        "gateways": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "headers": {
         "$ref": "#/$defs/2bb35946"
        },
        "ignoreUriCase": {
         "type": "boolean"
        },
        "method": {
         "$ref": "#/$defs/f2139c0c"
        },
        "name": {
         "type": "string"
        },
        "port": {
         "type": "integer",
         "minimum": 0,
         "maximum": 4294967295
        },
        "queryParams": {
         "$ref": "#/$defs/2bb35946"
        },
        "scheme": {
         "$ref": "#/$defs/f2139c0c"
        },
        "sourceLabels": {
         "type": "object",
         "additionalProperties": {
          "type": "string"
         }
        },
        "sourceNamespace": {
         "type": "string"
        },
        "statPrefix": {
         "type": "string"
        },
        "uri": {
         "$ref": "#/$defs/f2139c0c"
        },
        "withoutHeaders": {
         "$ref": "#/$defs/2bb35946"
        }
       }
      }
     },
     "mirror": {
      "$ref": "#/$defs/98cf531d"
     },
     "mirror_percent": {
      "type": "integer",
      "minimum": 0,
      "maximum": 4294967295
     },
     "mirrorPercent": {
      "type": "integer",
      "minimum": 0,
      "maximum": 4294967295
     },
     "mirrorPercentage": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "value": {
        "type": "number"
       }
      }
     },
     "mirrors": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "destination": {
         "$ref": "#/$defs/98cf531d"
        },
        "percentage": {
         "type": "object",
         "additionalProperties": false,
         "properties": {
          "value": {
           "type": "number"
          }
         }
        }
       },
       "required": [
        "destination"
       ]
      }
     },
     "name": {
      "type": "string"
     },
     "redirect": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "authority": {
        "type": "string"
       },
       "derivePort": {
        "type": "string",
        "enum": [
         "FROM_PROTOCOL_DEFAULT",
         "FROM_REQUEST_PORT"
        ]
       },
       "port": {
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967295
       },
       "redirectCode": {
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967295
       },
       "scheme": {
        "type": "string"
       },
       "uri": {
        "type": "string"
       }
      },
      "atMostOne": [
       [
        "port",
        "derivePort"
       ]
      ]
     },
     "retries": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "attempts": {
        "type": "integer"
       },
       "backoff": {
        "type": "string"
       },
       "perTryTimeout": {
        "type": "string"
       },
       "retryIgnorePreviousHosts": {
        "type": "boolean"
       },
       "retryOn": {
        "type": "string"
       },
       "retryRemoteLocalities": {
        "type": "boolean"
       }
      }
     },
     "rewrite": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
       "authority": {
        "type": "string"
       },
       "uri": {
        "type": "string"
       },
       "uriRegexRewrite": {
        "type": "object",
        "additionalProperties": false,
        "properties": {
         "match": {
          "type": "string"
         },
         "rewrite": {
          "type": "string"
         }
        }
       }
      }
     },
     "route": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "destination": {
         "$ref": "#/$defs/98cf531d"
        },
        "headers": {
         "$ref": "#/$defs/91d074cd"
        },
        "weight": {
         "type": "integer"
        }
       },
       "required": [
        "destination"
       ]
      }
     },
     "timeout": {
      "type": "string"
     }
    }
   }
  },
  "tcp": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "match": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "destinationSubnets": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "gateways": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "port": {
         "type": "integer",
         "minimum": 0,
         "maximum": 4294967295
        },
        "sourceLabels": {
         "type": "object",
         "additionalProperties": {
          "type": "string"
         }
        },
        "sourceNamespace": {
         "type": "string"
        },
        "sourceSubnet": {
         "type": "string"
        }
       }
      }
     },
     "route": {
      "$ref": "#/$defs/90073e97"
     }
    }
   }
  },
  "tls": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "match": {
      "type": "array",
      "items": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "destinationSubnets": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "gateways": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "port": {
         "type": "integer",
         "minimum": 0,
         "maximum": 4294967295
        },
        "sniHosts": {
         "type": "array",
         "items": {
          "type": "string"
         }
        },
        "sourceLabels": {
         "type": "object",
         "additionalProperties": {
          "type": "string"
         }
        },
        "sourceNamespace": {
         "type": "string"
        }
       },
       "required": [
        "sniHosts"
       ]
      }
     },
     "route": {
      "$ref": "#/$defs/90073e97"
     }
    },
    "required": [
     "match"
    ]
   }
  }
 },
 "$defs": {
  "f2139c0c": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "exact": {
     "type": "string"
    },
    "prefix": {
     "type": "string"
    },
    "regex": {
     "type": "string"
    }
   },
   "atMostOne": [
    [
     "exact",
     "prefix",
     "regex"
    ]
   ]
  },
  "5848017e": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "add": {
     "type": "object",
     "additionalProperties": {
      "type": "string"
     }
    },
    "remove": {
     "type": "array",
     "items": {
      "type": "string"
     }
    },
    "set": {
     "type": "object",
     "additionalProperties": {
      "type": "string"
     }
    }
   }
  },
  "91d074cd": {
   "type": "object",
   "additionalProperties": false,
   "properties": {
    "request": {
     "$ref": "#/$defs/5848017e"
    },
    "response": {
     "$ref": "#/$defs/5848017e"
    }
   }
  },
  "2bb35946": {
   "type": "object",
   "additionalProperties": {
    "$ref": "#/$defs/f2139c0c"
   }
  },
  "98cf531d": {
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
  "90073e97": {
   "type": "array",
   "items": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
     "destination": {
      "$ref": "#/$defs/98cf531d"
     },
     "weight": {
      "type": "integer"
     }
    },
    "required": [
     "destination"
    ]
   }
  }
 }
};
