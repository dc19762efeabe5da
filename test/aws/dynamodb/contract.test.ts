import { openDynamoStore } from '../../../lib/aws/dynamodb/store.ts';
import { storeContract } from '../../store/contract.ts';
import { onDynamoDB } from '../dynamodb-local.ts';

await onDynamoDB('DynamoDB', (local) => {
  const open = async () => openDynamoStore({ client: local.client(), table: await local.newTable() });
  storeContract('DynamoDB', open, { many: 150 });
});
