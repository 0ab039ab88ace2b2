import { setTimeout as delay } from 'node:timers/promises'
import type { Json, ScriptedAnswer, Step } from '../stand-ins/models/script.ts'
import type { Random } from './random.ts'

/** A model that makes two small files named after the request, whatever happened before, and then finishes. */
export interface ChaosModel {
  readonly script: (request: { readonly body: Json }) => Promise<Step>
  /** The next turns go wrong. */
  failNext(step: Step): void
}

/** What the files of a request hold once the model is done: the same for all attempts. */
export function expectedFiles(tag: string): Readonly<Record<string, string>> {
  return { [`notes/${tag}.md`]: `${tag}: written\n`, [`notes/${tag}.txt`]: `${tag}: by a command\n` }
}

export function createChaosModel(random: Random): ChaosModel {
  const failures: Step[] = []
  return {
    async script({ body }) {
      await delay(random.between(50, 600))
      return failures.shift() ?? answer(body)
    },
    failNext: (step) => void failures.push(step),
  }
}

/** Decides by what the transcript says is done, so that it goes on where a killed attempt was. */
function answer(body: Json): ScriptedAnswer {
  const text = JSON.stringify(body.messages)
  // The thread comes before the request, and may tell of other ones.
  const tags = JSON.stringify(body.messages[0]).match(/chaos-\d+/g)
  const tag = tags?.at(-1) ?? 'chaos-unknown'
  const [first, second] = Object.entries(expectedFiles(tag))
  const done = doneCalls(body.messages)
  if (first && !done.has('write') && !done.has('first')) {
    const [file_path, content] = first
    // A write that was interrupted may have been done, and is refused then: a command does not mind.
    return text.includes('"name":"write"')
      ? bash('first', first)
      : { text: 'I write it down.', calls: [{ name: 'write', args: { file_path, content } }] }
  }
  if (second && !done.has('second')) return bash('second', second)
  return {
    calls: [{ name: 'finish', args: { outcome: 'done', title: `Note ${tag}`, summary: `Noted ${tag}.` } }],
  }
}

function bash(step: string, [path, content]: readonly [string, string]): ScriptedAnswer {
  const command = `: ${step}; mkdir -p notes && sleep 0.2 && printf '${content.replace('\n', '\\n')}' > ${path}`
  return { calls: [{ name: 'bash', args: { command } }] }
}

/** Names of the calls that were answered without an error; of a command, the step that it begins with. */
function doneCalls(messages: Json): ReadonlySet<string> {
  const blocks: Json[] = messages.flatMap(({ content }: Json) => (Array.isArray(content) ? content : []))
  const well = new Set(
    blocks
      .filter(({ type, is_error }) => type === 'tool_result' && !is_error)
      .map((block) => block.tool_use_id),
  )
  return new Set(
    blocks
      .filter(({ type, id }) => type === 'tool_use' && well.has(id))
      .map(({ name, input }) => (name === 'bash' ? (/^: (\w+);/.exec(input.command)?.[1] ?? 'bash') : name)),
  )
}
