import type { Admin, GroupDescription } from "kafkajs";
import type { Subscription } from "./settings";

async function membersOf(admin: Admin, group: string): Promise<GroupDescription["members"]> {
  const { groups } = await admin.describeGroups([group]);
  const described = groups.find(({ groupId }) => groupId === group);
  if (described === undefined) throw new Error(`No broker says who is in the group ${group}.`);
  return described.members;
}

/** @throws where nobody is in the group that reads the retry topics: what is sent there would expire unread. */
export async function refuseUnread(admin: Admin, { group, retryTopics }: Subscription): Promise<void> {
  if ((await membersOf(admin, group)).length > 0) return;
  const topic = retryTopics[0]?.topic ?? "the retries";
  throw new Error(
    `Nobody reads ${topic}: the group ${group} has no members. Nothing was sent; start its consumer first.`,
  );
}

/**
 * Makes brokers forget how far a group has read.
 * @throws where somebody is in it.
 */
export async function deleteGroup(admin: Admin, group: string): Promise<void> {
  const { length } = await membersOf(admin, group);
  if (length > 0) throw new Error(`The group ${group} has ${length} members; end all replicas of its consumer first.`);
  // Brokers too refuse it where somebody has joined since.
  await admin.deleteGroups([group]);
}
