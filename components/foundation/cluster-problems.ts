import type { ArgumentProblem } from "../arguments";
import { AccessLevel, type ClusterAccess, principalName } from "./cluster-access";
import { retentionProblems } from "./log-retention";

interface Checked {
  clusterName: string;
  access: ClusterAccess[];
  logs: { retentionDays?: number };
  kubernetesVersion: string | undefined;
}

/** Of an access entry; its ARN can be told from a session's, which EKS would take and never match. */
export const principal = /^arn:aws:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;

/** As EKS has them. */
export const clusterNames = /^[0-9A-Za-z][\w-]{0,99}$/;

export function accessProblems(path: string, access: ClusterAccess[]): ArgumentProblem[] {
  const names = access.map(({ principalArn }) => principalName(principalArn));
  return access.flatMap(({ principalArn, level, namespaces }, index): ArgumentProblem[] => {
    const at = `${path}[${index}]`;
    const first = names.indexOf(names[index] ?? "");
    return [
      ...(principal.test(principalArn)
        ? []
        : [{ path: `${at}.principalArn`, reason: `is "${principalArn}", must be the ARN of an IAM role or user` }]),
      ...(first === index ? [] : [{ path: `${at}.principalArn`, reason: `is that of ${path}[${first}]` }]),
      ...(namespaces === undefined || level === AccessLevel.View
        ? []
        : [{ path: `${at}.namespaces`, reason: `is for ${AccessLevel.View} alone: an administrator has all of them` }]),
      ...(namespaces?.length === 0 ? [{ path: `${at}.namespaces`, reason: "must name one at least" }] : []),
    ];
  });
}

export function clusterProblems({ clusterName, access, logs, kubernetesVersion }: Checked): ArgumentProblem[] {
  return [
    ...(clusterNames.test(clusterName)
      ? []
      : [{ path: "clusterName", reason: `is "${clusterName}", must be 1 to 100 letters, digits, _ and -` }]),
    ...(kubernetesVersion === undefined || /^1\.\d+$/.test(kubernetesVersion)
      ? []
      : [{ path: "kubernetesVersion", reason: `is "${kubernetesVersion}", must be a minor version such as 1.35` }]),
    ...accessProblems("access", access),
    ...retentionProblems("logs.retentionDays", logs.retentionDays),
  ];
}
