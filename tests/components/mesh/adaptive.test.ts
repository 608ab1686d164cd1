import fc from "fast-check";
import { type AdaptiveArgs, adaptivePatches } from "../../../components/mesh/adaptive";

const choices: fc.Arbitrary<AdaptiveArgs> = fc.record(
  { admissionControl: fc.boolean(), adaptiveConcurrency: fc.boolean() },
  { requiredKeys: [] },
);

test("a service's own requests pass the breakers that were chosen, each once and before they are routed, and no others", () => {
  fc.assert(
    fc.property(choices, ({ admissionControl = false, adaptiveConcurrency = false }) => {
      const patches = adaptivePatches({ admissionControl, adaptiveConcurrency });
      const names: string[] = patches.map(({ patch }) => patch.value.name);
      expect(names.includes("envoy.filters.http.admission_control")).toBe(admissionControl);
      expect(names.includes("envoy.filters.http.adaptive_concurrency")).toBe(adaptiveConcurrency);
      expect(names).toHaveLength(Number(admissionControl) + Number(adaptiveConcurrency));
      for (const { match, patch } of patches) {
        expect([match?.context, patch.operation]).toEqual(["SIDECAR_INBOUND", "INSERT_BEFORE"]);
        expect(match?.listener.filterChain.filter.subFilter.name).toBe("envoy.filters.http.router");
      }
    }),
  );
});

test("each can be switched off at run time without another, and some requests always pass to see whether it's over", () => {
  fc.assert(
    fc.property(choices, (args) => {
      const configurations = adaptivePatches(args).map(({ patch }) => patch.value.typed_config);
      const keys = configurations.map(({ enabled }) => enabled.runtime_key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { enabled, max_rejection_probability: rejection } of configurations) {
        expect(enabled.default_value).toBe(true);
        if (rejection !== undefined) expect(rejection.default_value.value).toBeLessThan(100);
      }
    }),
  );
});

test("only what the service itself got wrong counts against it", () => {
  const [patch] = adaptivePatches({ admissionControl: true });
  const { http_criteria, grpc_criteria } = patch?.patch.value.typed_config.success_criteria ?? {};
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(100, 499, 500, 599), fc.integer({ min: 100, max: 599 })),
      fc.nat(16),
      (status, grpcStatus) => {
        const isGood = http_criteria.http_success_status.some(
          ({ start, end }: Record<"start" | "end", number>) => status >= start && status < end,
        );
        expect(isGood).toBe(status < 500);
        // Those that gRPC's own table gives to the server: unknown, deadline, unimplemented, internal, unavailable, loss.
        const isOfServer = [2, 4, 8, 12, 13, 14, 15].includes(grpcStatus);
        expect(grpc_criteria.grpc_success_status.includes(grpcStatus)).toBe(!isOfServer);
      },
    ),
  );
});
