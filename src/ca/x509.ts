// @peculiar/x509 asks for the Reflect polyfill when it loads: this is the one place that may import it.
import "reflect-metadata";

export * from "@peculiar/x509";
