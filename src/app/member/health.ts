import type { Probe } from "../../mesh/index.ts";

/**
 * Makes of single answers what a workload is: well after as many good ones in a row as the probe says, ill after as many bad ones. The first
 * verdict is news too, whichever it is. https://istio.io/latest/docs/reference/config/networking/workload-group/#ReadinessProbe
 */
export class Health {
  readonly #thresholds: Pick<Probe, "successThreshold" | "failureThreshold">;
  #inARow = 0;
  #last: boolean | undefined;
  #healthy: boolean | undefined;

  constructor(thresholds: Pick<Probe, "successThreshold" | "failureThreshold">) {
    this.#thresholds = thresholds;
  }

  /** One answer of the app; gives the new verdict where it changes. */
  onAnswer(good: boolean): boolean | undefined {
    this.#inARow = good === this.#last ? this.#inARow + 1 : 1;
    this.#last = good;
    const { successThreshold, failureThreshold } = this.#thresholds;
    if (good === this.#healthy || this.#inARow < (good ? successThreshold : failureThreshold)) return undefined;
    this.#healthy = good;
    return good;
  }
}
