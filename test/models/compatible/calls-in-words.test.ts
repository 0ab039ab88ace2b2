import { expect, test } from 'vitest'
import { findCallsInWords } from '../../../src/models/compatible/calls-in-words.ts'
import { TOOLS } from '../conversation.ts'

const LS = '{"command": "ls"}'
const BASH = { id: undefined, name: 'bash' }

test.each([
  ['Hermes and Qwen', `Looking.\n<tool_call>\n{"name": "bash", "arguments": ${LS}}\n</tool_call>`],
  ['a tag that is not closed', `Looking.\n<tool_call>{"name": "bash", "arguments": ${LS}}`],
  [
    'Qwen Coder',
    'Looking.\n<tool_call>\n<function=bash>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>',
  ],
  ['Llama', `Looking.\n<function=bash>${LS}</function>`],
  ['Llama’s python tag', `Looking.<|python_tag|>{"name": "bash", "parameters": ${LS}}<|eom_id|>`],
  ['Mistral’s list', `Looking.[TOOL_CALLS] [{"name": "bash", "arguments": ${LS}}]`],
  ['Mistral’s newer form', `Looking.[TOOL_CALLS]bash[ARGS]${LS}`],
  [
    'Kimi',
    `Looking.<|tool_calls_section_begin|><|tool_call_begin|>functions.bash:0<|tool_call_argument_begin|>${LS}<|tool_call_end|><|tool_calls_section_end|>`,
  ],
  [
    'DeepSeek V3',
    `Looking.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>bash\n\`\`\`json\n${LS}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  ],
  [
    'DeepSeek V3.1',
    `Looking.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>bash<｜tool▁sep｜>${LS}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  ],
  ['Harmony', `Looking.<|channel|>commentary to=functions.bash <|constrain|>json<|message|>${LS}<|call|>`],
  ['GLM', 'Looking.\n<tool_call>bash\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>\n</tool_call>'],
])('%s', (_name, text) => {
  const { text: said, calls } = findCallsInWords(text, TOOLS)
  expect(said).toBe('Looking.')
  expect(calls).toMatchObject([BASH])
  expect(calls.map(({ json }) => JSON.parse(json))).toEqual([{ command: 'ls' }])
})

test('an answer that is nothing but a call', () => {
  for (const text of [
    `{"name": "bash", "arguments": ${LS}}`,
    `\`\`\`json\n{"name": "bash", "parameters": ${LS}}\n\`\`\``,
    `[{"function": {"name": "bash", "arguments": ${JSON.stringify(LS)}}}]`,
  ])
    expect(findCallsInWords(text, TOOLS).calls, text).toMatchObject([BASH])
})

test('several calls, and arguments that are no text by the schema', () => {
  const edit =
    '<function=edit>\n<parameter=file_path>\na.ts\n</parameter>\n<parameter=edits>\n[{"old_string":"a\\"}","new_string":"b"}]\n</parameter>\n</function>'
  const bash =
    '<function=bash><parameter=command>ls\n-l</parameter><parameter=timeout_s>5</parameter></function>'
  const { calls } = findCallsInWords(`<tool_call>${edit}</tool_call>\n<tool_call>${bash}</tool_call>`, TOOLS)
  expect(calls.map(({ name, json }) => [name, JSON.parse(json)])).toEqual([
    ['edit', { file_path: 'a.ts', edits: [{ old_string: 'a"}', new_string: 'b' }] }],
    ['bash', { command: 'ls\n-l', timeout_s: 5 }],
  ])
})

test('a model may explain a format first', () => {
  const text = `I write <tool_call>{"name": "x"} here, then:\n<tool_call>{"name": "bash", "arguments": ${LS}}</tool_call>`
  expect(findCallsInWords(text, TOOLS).calls).toMatchObject([BASH])
})

test.each([
  ['of a tool that is not offered', `<tool_call>{"name": "rm", "arguments": ${LS}}</tool_call>`],
  [
    'that the model goes on after',
    `<tool_call>{"name": "bash", "arguments": ${LS}}</tool_call> is what the issue says.`,
  ],
  ['cut off', '<tool_call>{"name": "bash", "arguments": {"command": "l'],
  ['without arguments', '<tool_call>{"name": "bash"}</tool_call>'],
  ['in a text', `The config is {"name": "bash", "arguments": ${LS}} and no call.`],
  ['JSON of something else', '{"name": "left-pad", "version": "1.0.0"}'],
])('no call: %s', (_name, text) => {
  expect(findCallsInWords(text, TOOLS)).toEqual({ text, calls: [] })
})

test('without tools nothing is a call', () => {
  const text = `<tool_call>{"name": "bash", "arguments": ${LS}}</tool_call>`
  expect(findCallsInWords(text, [])).toEqual({ text, calls: [] })
})
