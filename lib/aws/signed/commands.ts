/** Operations that engines and Core use. One more is one line, of an S3 operation also one in `s3.ts`. */
import type * as athena from '@aws-sdk/client-athena';
import type * as dynamodb from '@aws-sdk/client-dynamodb';
import type * as eventbridge from '@aws-sdk/client-eventbridge';
import type * as lambda from '@aws-sdk/client-lambda';
import type * as s3 from '@aws-sdk/client-s3';
import type * as secrets from '@aws-sdk/client-secrets-manager';
import type * as sfn from '@aws-sdk/client-sfn';
import { commandOf } from './command.ts';

export const GetQueryExecutionCommand = commandOf<
  athena.GetQueryExecutionCommandInput,
  athena.GetQueryExecutionCommandOutput
>('GetQueryExecution');
export const GetQueryResultsCommand = commandOf<
  athena.GetQueryResultsCommandInput,
  athena.GetQueryResultsCommandOutput
>('GetQueryResults');
export const GetQueryRuntimeStatisticsCommand = commandOf<
  athena.GetQueryRuntimeStatisticsCommandInput,
  athena.GetQueryRuntimeStatisticsCommandOutput
>('GetQueryRuntimeStatistics');
export const StartQueryExecutionCommand = commandOf<
  athena.StartQueryExecutionCommandInput,
  athena.StartQueryExecutionCommandOutput
>('StartQueryExecution');
export const StopQueryExecutionCommand = commandOf<
  athena.StopQueryExecutionCommandInput,
  athena.StopQueryExecutionCommandOutput
>('StopQueryExecution');

export const BatchGetItemCommand = commandOf<
  dynamodb.BatchGetItemCommandInput,
  dynamodb.BatchGetItemCommandOutput
>('BatchGetItem');
export const PutItemCommand = commandOf<dynamodb.PutItemCommandInput, dynamodb.PutItemCommandOutput>(
  'PutItem',
);
export const QueryCommand = commandOf<dynamodb.QueryCommandInput, dynamodb.QueryCommandOutput>('Query');
export const UpdateItemCommand = commandOf<dynamodb.UpdateItemCommandInput, dynamodb.UpdateItemCommandOutput>(
  'UpdateItem',
);

export const InvokeCommand = commandOf<lambda.InvokeCommandInput, lambda.InvokeCommandOutput>('Invoke');

export const CopyObjectCommand = commandOf<s3.CopyObjectCommandInput, s3.CopyObjectCommandOutput>(
  'CopyObject',
);
export const DeleteObjectCommand = commandOf<s3.DeleteObjectCommandInput, s3.DeleteObjectCommandOutput>(
  'DeleteObject',
);
export const GetObjectCommand = commandOf<s3.GetObjectCommandInput, s3.GetObjectCommandOutput>('GetObject');
export const HeadObjectCommand = commandOf<s3.HeadObjectCommandInput, s3.HeadObjectCommandOutput>(
  'HeadObject',
);
export const ListObjectsV2Command = commandOf<s3.ListObjectsV2CommandInput, s3.ListObjectsV2CommandOutput>(
  'ListObjectsV2',
);
export const PutObjectCommand = commandOf<s3.PutObjectCommandInput, s3.PutObjectCommandOutput>('PutObject');

export const SendTaskFailureCommand = commandOf<
  sfn.SendTaskFailureCommandInput,
  sfn.SendTaskFailureCommandOutput
>('SendTaskFailure');
export const SendTaskSuccessCommand = commandOf<
  sfn.SendTaskSuccessCommandInput,
  sfn.SendTaskSuccessCommandOutput
>('SendTaskSuccess');
export const BatchWriteItemCommand = commandOf<
  dynamodb.BatchWriteItemCommandInput,
  dynamodb.BatchWriteItemCommandOutput
>('BatchWriteItem');
export const DeleteItemCommand = commandOf<dynamodb.DeleteItemCommandInput, dynamodb.DeleteItemCommandOutput>(
  'DeleteItem',
);
export const GetItemCommand = commandOf<dynamodb.GetItemCommandInput, dynamodb.GetItemCommandOutput>(
  'GetItem',
);
export const DescribeExecutionCommand = commandOf<
  sfn.DescribeExecutionCommandInput,
  sfn.DescribeExecutionCommandOutput
>('DescribeExecution');
export const DescribeMapRunCommand = commandOf<
  sfn.DescribeMapRunCommandInput,
  sfn.DescribeMapRunCommandOutput
>('DescribeMapRun');
export const GetExecutionHistoryCommand = commandOf<
  sfn.GetExecutionHistoryCommandInput,
  sfn.GetExecutionHistoryCommandOutput
>('GetExecutionHistory');
export const ListExecutionsCommand = commandOf<
  sfn.ListExecutionsCommandInput,
  sfn.ListExecutionsCommandOutput
>('ListExecutions');
export const StartExecutionCommand = commandOf<
  sfn.StartExecutionCommandInput,
  sfn.StartExecutionCommandOutput
>('StartExecution');
export const StopExecutionCommand = commandOf<sfn.StopExecutionCommandInput, sfn.StopExecutionCommandOutput>(
  'StopExecution',
);
export const PutEventsCommand = commandOf<
  eventbridge.PutEventsCommandInput,
  eventbridge.PutEventsCommandOutput
>('PutEvents');
export const GetSecretValueCommand = commandOf<
  secrets.GetSecretValueCommandInput,
  secrets.GetSecretValueCommandOutput
>('GetSecretValue');
