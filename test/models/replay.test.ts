import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { renderAnthropic } from '../../src/models/anthropic/render-anthropic.ts'
import { renderOpenAI } from '../../src/models/openai/render-openai.ts'
import { checkPrefix } from '../../src/models/prefix-check.ts'
import type { AssistantEntry, Entry, ToolResultPart, Transcript } from '../../src/models/transcript.ts'
import { checkAnthropicRequest } from '../stand-ins/models/anthropic-rules.ts'
import { checkOpenAIRequest } from '../stand-ins/models/openai-rules.ts'

/** A line of the recorded sessions; see the README beside them. */
interface Line {
  readonly role: 'user' | 'assistant' | 'toolResult'
  readonly content: readonly Block[]
  readonly model?: string
  readonly stop?: string
  readonly answers?: string
  readonly error?: boolean
}
interface Block {
  readonly text?: string
  readonly thinking?: string
  readonly call?: string
  readonly name?: string
  readonly args?: unknown
}

/** Sessions of another agent, turned into transcripts of ours: aborted turns keep their calls without answers. */
function recordedSession(name: string): Transcript {
  const entries: Entry[] = []
  const file = new URL(`../fixtures/trajectories/${name}.jsonl`, import.meta.url)
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    add(entries, JSON.parse(line) as Line)
  }
  return { system: 'You work alone in a sandbox.', entries }
}

function add(entries: Entry[], line: Line): void {
  const texts = line.content.flatMap(({ text }) =>
    text === undefined ? [] : [{ type: 'text', text } as const],
  )
  if (line.role === 'user') entries.push({ role: 'user', parts: texts })
  else if (line.role === 'assistant') entries.push(assistant(line))
  else {
    const text = texts.map((part) => part.text).join('\n')
    const status = line.error ? 'error' : 'ok'
    const result: ToolResultPart = { type: 'tool_result', callId: line.answers ?? '', status, text }
    const last = entries.at(-1)
    if (last?.role === 'tool') entries[entries.length - 1] = { role: 'tool', parts: [...last.parts, result] }
    else entries.push({ role: 'tool', parts: [result] })
  }
}

function assistant({ content, model = '', stop }: Line): AssistantEntry {
  const parts = content.flatMap(({ text, thinking, call, name = '', args }): AssistantEntry['parts'] => {
    if (text !== undefined) return [{ type: 'text', text }]
    if (thinking !== undefined) return [{ type: 'reasoning', text: thinking }]
    return call === undefined ? [] : [{ type: 'tool_call', id: call, name, args }]
  })
  const [provider, id = ''] = model.split(':')
  const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 }
  const ends = stop === 'toolUse' ? 'tool_use' : 'end'
  const origin = { provider: provider === 'openai' ? 'openai' : 'anthropic', model: id } as const
  return {
    role: 'assistant',
    parts,
    origin: { ...origin, responseId: 'r', stop: ends, usage },
    native: nativeOf(parts, origin.provider),
  }
}

/** What the provider had sent: its own blocks, replayed to it and to no other. */
function nativeOf(parts: AssistantEntry['parts'], provider: 'anthropic' | 'openai'): unknown {
  if (provider === 'openai') return null
  const blocks = parts.flatMap((part): object[] => {
    if (part.type === 'text') return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }]
    if (part.type === 'tool_call')
      return [{ type: 'tool_use', id: part.id, name: part.name, input: part.args }]
    return []
  })
  return blocks.length === 0 ? null : blocks
}

const CLAUDE = {
  name: 'the Messages API',
  shape(transcript: Transcript) {
    const { system, messages } = renderAnthropic(transcript, { systemRole: true })
    return { head: system, items: messages }
  },
  refuses({ system, entries }: Transcript) {
    const { messages } = renderAnthropic({ system, entries }, { systemRole: true })
    const names = ['read', 'bash', 'edit', 'write', 'grep', 'find', 'ls']
    const tools = names.map((name) => ({ name, input_schema: { type: 'object' } }))
    return checkAnthropicRequest({ model: 'claude-opus-5-5', max_tokens: 1, system, tools, messages })
  },
}
const GPT = {
  name: 'the Responses API',
  shape(transcript: Transcript) {
    const { instructions, input } = renderOpenAI(transcript, { model: 'gpt-6.1-sol' })
    return { head: instructions, items: input }
  },
  refuses(transcript: Transcript) {
    const { instructions, input } = renderOpenAI(transcript, { model: 'gpt-6.1-sol' })
    return checkOpenAIRequest({ model: 'gpt-6.1-sol', instructions, input, store: false }, 0)
  },
}

describe.each(['pi-two-providers', 'pi-long'])('the recorded session %s', (name) => {
  const session = recordedSession(name)
  /** Wherever the agent would have asked: after a person's word or the results of tools. */
  const asked = session.entries.flatMap(({ role }, index) => (role === 'assistant' ? [] : [index + 1]))
  const upTo = (length: number) => ({ ...session, entries: session.entries.slice(0, length) })

  test.each([CLAUDE, GPT])('is a request that $name takes, at each of its turns', ({ refuses }) => {
    expect(asked.length).toBeGreaterThan(300)
    const refused = asked.flatMap((length) => {
      const why = refuses(JSON.parse(JSON.stringify(upTo(length))) as Transcript)
      return why === undefined ? [] : [`${length}: ${JSON.stringify(why)}`]
    })
    expect(refused).toEqual([])
  })

  test.each([CLAUDE, GPT])('only ever adds to the last request to $name', ({ shape }) => {
    const answered = asked.filter((length) => session.entries[length]?.role === 'assistant')
    let last = shape(upTo(answered[0] ?? 0))
    for (const length of answered.slice(1)) {
      const next = shape(upTo(length))
      expect(checkPrefix(last, next)).toEqual([])
      last = next
    }
  })
})
