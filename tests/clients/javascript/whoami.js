// A client of the tests: AWS's SDK for JavaScript with its default credential chain. It asks who
// it is for every line that it reads, so that it can outlive a session.
import { createInterface } from "node:readline";

import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const sts = new STSClient();
for await (const _ of createInterface({ input: process.stdin })) {
  const { Arn } = await sts.send(new GetCallerIdentityCommand());
  console.log(Arn);
}
