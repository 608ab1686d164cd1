import type { TokenProvider } from "./settings";

/**
 * Tokens by which a service signs in to Amazon MSK as its own role of IAM: a URL that is signed for the cluster's action Connect,
 * good for 15 minutes. Credentials come from where AWS' SDKs look for them; in a pod of EKS, from its Pod Identity.
 * @param region of the brokers, e.g. `us-east-1`
 */
export function awsTokenProvider(region: string): TokenProvider {
  return async () => {
    // Loaded only here: AWS' credentials are of no use to a service whose brokers want passwords.
    const { generateAuthToken } = await import("aws-msk-iam-sasl-signer-js");
    const { token } = await generateAuthToken({ region });
    return { value: token };
  };
}
