import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Metadata } from "../mesh/istio/common";

/** Chaos Mesh's custom resources, as far as this platform uses them, for the same reason as Istio's. */
export interface StatusCheck {
  mode: "Synchronous" | "Continuous";
  type: "HTTP";
  http: { url: string; criteria: { statusCode: string } };
  intervalSeconds: number;
  timeoutSeconds: number;
  /** Failures in a row that end the check. */
  failureThreshold: number;
  /** Successes in a row that end a synchronous check. */
  successThreshold?: number;
}

export interface StressChaos {
  mode: "fixed-percent";
  value: string;
  selector: { namespaces: string[]; labelSelectors: Record<string, string> };
  containerNames: string[];
  stressors: { cpu?: { workers: number; load: number }; memory?: { workers: number; size: string } };
}

interface TaskContainer {
  name: string;
  image: string;
  args: string[];
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: {
    runAsNonRoot: boolean;
    runAsUser: number;
    runAsGroup: number;
    allowPrivilegeEscalation: boolean;
    readOnlyRootFilesystem: boolean;
    capabilities: { drop: string[] };
    seccompProfile: { type: string };
  };
}

export interface WorkflowTemplate {
  name: string;
  templateType: "Serial" | "Parallel" | "Suspend" | "StatusCheck" | "Task" | "StressChaos";
  /** After it the template ends, and what it injected is taken back; a task's pod is not. */
  deadline?: string;
  children?: string[];
  statusCheck?: StatusCheck;
  abortWithStatusCheck?: boolean;
  task?: { container: TaskContainer; labels: Record<string, string> };
  stressChaos?: StressChaos;
}

export interface WorkflowSpec {
  entry: string;
  templates: WorkflowTemplate[];
}

export interface ScheduleSpec {
  type: "Workflow";
  schedule: string;
  concurrencyPolicy: "Forbid";
  /** Finished workflows that are kept. */
  historyLimit: number;
  startingDeadlineSeconds: number;
  workflow: WorkflowSpec;
}

export interface ScheduleArgs {
  metadata: Metadata;
  spec: pulumi.Input<ScheduleSpec>;
}

export class Schedule extends kubernetes.apiextensions.CustomResource {
  constructor(name: string, args: ScheduleArgs, options: pulumi.CustomResourceOptions) {
    super(name, { apiVersion: "chaos-mesh.org/v1alpha1", kind: "Schedule", ...args }, options);
  }
}
