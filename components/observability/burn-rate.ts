import { type AlertingRule, Severity } from "./prometheus-operator";
import { evaluationSeconds, Indicator, indicators, type Window } from "./recording-rules";

export interface BurnRate {
  /** How many times faster than the objective allows the budget is spent. */
  factor: number;
  /** The rate must hold over this window, so that what is reported matters. */
  long: Window;
  /** And over this one, so that the alert ends soon after its cause. */
  short: Window;
  severity: Severity;
}

/**
 * The recommended set of the Site Reliability Workbook ("Alerting on SLOs"): of the budget of 30 days, 2 % in an hour, 5 % in
 * six hours, 10 % in a day or 10 % in three days.
 */
export const burnRates: readonly BurnRate[] = [
  { factor: 14.4, long: "1h", short: "5m", severity: Severity.Page },
  { factor: 6, long: "6h", short: "30m", severity: Severity.Page },
  { factor: 3, long: "1d", short: "2h", severity: Severity.Ticket },
  { factor: 1, long: "3d", short: "6h", severity: Severity.Ticket },
];

/** Bad requests in the long window below which none of these fires: where few call, one failure is a large share. */
const fewestBadRequests = 10;

interface BurnRateAlert extends Omit<AlertingRule, "annotations"> {
  summary: string;
  description: string;
}

const texts: Record<Indicator, { alert: string; wrong: string }> = {
  [Indicator.Availability]: { alert: "AvailabilityBudgetBurn", wrong: "fail" },
  [Indicator.Latency]: { alert: "LatencyBudgetBurn", wrong: "are too slow" },
};

/** One alert for each indicator and burn rate, over all services that have an objective. */
export function burnRateAlerts(): BurnRateAlert[] {
  return Object.values(Indicator).flatMap((indicator) => {
    const { bad, budget, ratio } = indicators[indicator];
    const { alert, wrong } = texts[indicator];
    return burnRates.map(({ factor, long, short, severity }) => ({
      alert,
      expr:
        `${ratio(long)} > ${factor} * ${budget} and ${ratio(short)} > ${factor} * ${budget} ` +
        `and sum_over_time(${bad}[${long}]) * ${evaluationSeconds} >= ${fewestBadRequests}`,
      labels: { severity, window: long },
      summary: `{{ $labels.service }}: too many requests ${wrong}`,
      description:
        `{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} in {{ $labels.namespace }} ${wrong}, ` +
        `over ${long} and over ${short}: its error budget is spent at ${factor} times the rate that it allows, or faster.`,
    }));
  });
}
