import type { AgentContext, AgentTask } from '../agent.ts'
import type { AgentEvent } from '../agent-event.ts'
import type { AgentRun } from '../builtin/agent-run.ts'
import type { AgentUsage } from '../builtin/agent-usage.ts'
import { createCommandLog } from '../builtin/command-log.ts'
import { createFinishGate, recallReviews } from '../builtin/finish-gate.ts'
import { createRunLimits } from '../builtin/limits.ts'
import { createNestedInstructions } from '../builtin/nested-instructions.ts'
import { createPlanGate } from '../builtin/plan-gate.ts'
import { entriesOfRun } from '../builtin/prompt.ts'
import { isChanged, readWorkspaceState } from '../look-around.ts'
import { CLAUDE_CODE_PROMPT } from '../system-prompt.ts'
import { titleOf } from '../title.ts'
import { finish } from '../tools/finish.ts'
import type { ClaudeCodeOptions } from './claude-code-options.ts'
import { claudeCommand } from './claude-command.ts'
import { startCliProgram } from './cli-program.ts'
import { type ConversationEnd, converse } from './converse.ts'
import { answerHistory, historyScript } from './history-command.ts'
import { noteLine, userLine } from './input-lines.ts'
import { openGateway } from './metered-gateway.ts'
import type { OpenSession } from './open-session.ts'
import { createRecordKeeper } from './record-keeper.ts'
import { createShowCalls } from './show-calls.ts'

const TOOLS = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob', 'TodoWrite']
/** Tools of a run that only plans. */
const LOOKING_TOOLS = ['Read', 'Grep', 'Glob', 'TodoWrite']

/**
 * Starts Claude Code with its gateway and follows it to its end.
 *
 * @throws the errors of `converse`.
 */
export async function runSession(given: {
  readonly task: AgentTask
  readonly context: AgentContext
  readonly usage: AgentUsage
  readonly deadline: AbortSignal
  readonly session: OpenSession
  readonly nonce: string
  readonly options: ClaudeCodeOptions
}): Promise<ConversationEnd> {
  const { task, context, usage, deadline, session, nonce, options } = given
  const { sandbox } = context
  const { files, id, writer } = session
  const found = context.hasChanged ? undefined : await readWorkspaceState(sandbox, task.workspace)
  const differs = async () => isChanged(found, await readWorkspaceState(sandbox, task.workspace))
  const run: AgentRun = { task, context, writer, usage, deadline, hasChanged: context.hasChanged ?? differs }

  const { model, fallbackModel, upstream, judge, prices = {} } = options
  const models = [model, ...(fallbackModel === undefined ? [] : [fallbackModel])]
  let tell = (_note: string): void => {}
  const limits = createRunLimits({ ...run, writer: { ...writer, note: (text) => tell(text) } })
  const earlier = entriesOfRun(writer.transcript(), task)
  const commands = createCommandLog([])
  const gate = task.plan
    ? createPlanGate({ fallbackTitle: titleOf(task), describeCommands: commands.describe })
    : createFinishGate(run, {
        isLastChance: () => limits.current().level === 'finish_only' || deadline.aborted,
        earlier: recallReviews(earlier),
        describeCommands: commands.describe,
      })
  const gateway = openGateway(run, { limits, upstream, models, judge, prices })
  // Code in the sandbox can read the token, so it may turn up in texts of the run.
  context.hide?.(gateway.token)
  const keeper = createRecordKeeper({ sandbox, files, id, kept: session.record, writer })
  const instructions = createNestedInstructions({
    read: context.readInstructions ?? (async () => []),
    transcript: { system: '', entries: [] },
    nonce,
  })
  try {
    await using forwarding = await sandbox.forward(answerHistory(gateway.handle, context), {
      signal: context.signal,
    })
    const text = (lines: readonly string[]) => new TextEncoder().encode(lines.join(''))
    const input = session.first.map((parts) => `${userLine(parts)}\n`)
    await Promise.all([
      sandbox.writeFile(files.prompt, text([CLAUDE_CODE_PROMPT]), { isNew: true }),
      sandbox.writeFile(files.input, text(input), { isNew: true }),
      sandbox.writeFile(files.history, text([historyScript(forwarding.origin)])),
      sandbox.writeFile(files.output, text([]), { isNew: true }),
    ])
    const used = usage.used()
    const tools = task.plan ? LOOKING_TOOLS : TOOLS
    const { command, env } = claudeCommand({
      binary: options.binary,
      origin: forwarding.origin,
      token: gateway.token,
      model,
      fallbackModel,
      tools,
      answerSchema: finish.schema.inputSchema,
      maxTurns: Math.max(1, Math.floor(task.limits.steps - used.steps)),
      maxUsd: Math.max(0.01, task.limits.usd - used.usd),
      sessionId: id,
      resumes: session.resumes,
      files,
    })
    const timeoutMs = Math.ceil(task.limits.minutes * 60_000) + 60_000
    const program = startCliProgram({ sandbox, workspace: task.workspace, command, env, files, timeoutMs })
    tell = (note) => program.say(noteLine(note))
    const calls = createShowCalls(sandbox, { files, id, signal: context.signal })
    try {
      return await converse(run, {
        program,
        gateway,
        gate,
        limits,
        keeper,
        instructions,
        model,
        tools,
        onEvent(event: AgentEvent) {
          commands.observe(event)
          calls.see(event)
        },
        silenceMs: options.silenceMs ?? SILENCE_MS,
      })
    } finally {
      calls.stop()
      await program.stop()
    }
  } finally {
    gateway.close()
    await keeper.close()
    await writer.idle()
  }
}

const SILENCE_MS = 180_000
