/**
 * The fields of a Map that are about its items.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
import { isObject } from '../../base/json.ts';
import { MAX_LABEL_LENGTH, MAX_MAP_ITEMS, MAX_PAYLOAD_BYTES } from '../limits.ts';
import { allow, exactlyOne, inner, number, oneOf, type Place, required, text } from './values.ts';

/** Fields only a distributed Map may have. */
const DISTRIBUTED = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];
const READER_RESOURCE = /^arn:[^:]+:states:::s3:(?:getObject|listObjectsV2)$/;

/** True for a Map whose iterations are executions of their own. */
export function isDistributed(map: {
  readonly ItemProcessor?: unknown;
  readonly Iterator?: unknown;
}): boolean {
  const processor = map.ItemProcessor ?? map.Iterator;
  const config = isObject(processor) ? processor['ProcessorConfig'] : undefined;
  return isObject(config) && config['Mode'] === 'DISTRIBUTED';
}

export function checkMap(state: Place): void {
  exactlyOne(state, ['ItemProcessor', 'Iterator']);
  number(state, 'MaxConcurrency', { min: 0 });
  number(state, 'ToleratedFailureCount', { min: 0 });
  number(state, 'ToleratedFailurePercentage', { min: 0, max: 100, fraction: true });
  const distributed = isDistributed(state.object);
  checkProcessor(state);
  checkReader(state);
  checkBatcher(state);
  checkLabel(state);
  if (distributed) return;
  for (const field of DISTRIBUTED)
    if (state.object[field] !== undefined)
      state.findings.refuse(state.path, `Field '${field}' is not supported`);
}

function checkProcessor(state: Place): void {
  const processor = inner(state, 'ItemProcessor') ?? inner(state, 'Iterator');
  const config = processor && inner(processor, 'ProcessorConfig');
  if (config === undefined) return;
  allow(config, new Set(['Mode', 'ExecutionType']));
  oneOf(config, 'Mode', ['INLINE', 'DISTRIBUTED']);
  oneOf(config, 'ExecutionType', ['STANDARD', 'EXPRESS']);
  if (config.object['Mode'] === 'DISTRIBUTED') required(config, 'ExecutionType');
  else allow(config, new Set(['Mode']));
}

function checkReader(state: Place): void {
  const reader = inner(state, 'ItemReader');
  if (reader === undefined) return;
  allow(reader, new Set(['Resource', 'ReaderConfig', state.jsonata ? 'Arguments' : 'Parameters']));
  required(reader, 'Resource');
  const resource = reader.object['Resource'];
  if (typeof resource === 'string' && !resource.includes('${') && !READER_RESOURCE.test(resource))
    reader.findings.refuse(
      `${reader.path}/Resource`,
      `The field 'Resource' does not match any of the allowed values`,
    );
  const config = inner(reader, 'ReaderConfig');
  if (config === undefined) return;
  number(config, 'MaxItems', { min: 0, max: MAX_MAP_ITEMS });
  if (config.object['InputType'] === 'CSV' && config.object['CSVHeaderLocation'] === undefined)
    config.findings.refuse(config.path, `The field 'CSVHeaderLocation' is required`);
  if (config.object['InputType'] === 'JSON' && config.object['CSVHeaderLocation'] !== undefined)
    config.findings.refuse(config.path, `Field 'CSVHeaderLocation' is not supported`);
  if (config.object['CSVHeaderLocation'] === 'GIVEN') required(config, 'CSVHeaders');
}

function checkBatcher(state: Place): void {
  const batcher = inner(state, 'ItemBatcher');
  if (batcher === undefined) return;
  const path = state.jsonata ? [] : ['MaxItemsPerBatchPath', 'MaxInputBytesPerBatchPath'];
  allow(batcher, new Set(['MaxItemsPerBatch', 'MaxInputBytesPerBatch', 'BatchInput', ...path]));
  number(batcher, 'MaxItemsPerBatch', { min: 0 });
  number(batcher, 'MaxInputBytesPerBatch', { min: 0, max: MAX_PAYLOAD_BYTES });
}

function checkLabel(state: Place): void {
  text(state, 'Label');
  const label = state.object['Label'];
  if (typeof label !== 'string') return;
  if (label.length > MAX_LABEL_LENGTH || /[\s?*<>{}[\]"#%\\^|~`$&,;:/]/.test(label))
    state.findings.refuse(
      `${state.path}/Label`,
      `Label must have at most ${MAX_LABEL_LENGTH} characters and none of ? * < > { } [ ] : ; , \\ | ^ ~ $ # % & \` " / or white space`,
      'INVALID_LABEL_NAME',
    );
}
