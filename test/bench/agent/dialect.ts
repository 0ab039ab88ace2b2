import type { ScriptedAnswer } from '../../stand-ins/models/script.ts'
import type { TaskStep } from './task.ts'

export type Call = NonNullable<ScriptedAnswer['calls']>[number]

/** How the model of one client asks for the steps of the task. */
export interface Dialect {
  readonly call: (step: TaskStep, workspace: string) => Call
  /** The turn after the last step. */
  readonly end: ScriptedAnswer
}

const SUMMARY = 'The first ten modules now try five times; each file is as long as before.'

export const BACKSPACE_DIALECT: Dialect = {
  call(step) {
    switch (step.kind) {
      case 'read':
        return { name: 'read', args: { file_path: step.path } }
      case 'grep':
        return { name: 'grep', args: { pattern: step.pattern } }
      case 'edit': {
        const edits = [{ old_string: step.oldText, new_string: step.newText }]
        return { name: 'edit', args: { file_path: step.path, edits } }
      }
      case 'bash':
        return { name: 'bash', args: { command: step.command } }
    }
  },
  end: {
    calls: [
      {
        name: 'finish',
        args: { outcome: 'done', title: 'Raise the retry limits to five', summary: SUMMARY },
      },
    ],
  },
}

export const CLAUDE_CODE_DIALECT: Dialect = {
  call(step, workspace) {
    switch (step.kind) {
      case 'read':
        return { name: 'Read', args: { file_path: `${workspace}/${step.path}` } }
      case 'grep':
        return { name: 'Grep', args: { pattern: step.pattern, output_mode: 'content' } }
      case 'edit': {
        const { path, oldText: old_string, newText: new_string } = step
        return { name: 'Edit', args: { file_path: `${workspace}/${path}`, old_string, new_string } }
      }
      case 'bash':
        return { name: 'Bash', args: { command: step.command } }
    }
  },
  end: { text: SUMMARY },
}

/** As Backspace starts it: it ends by a call, and does not know where its workspace is. */
export const CLAUDE_CODE_IN_BACKSPACE: Dialect = {
  call: (step) => CLAUDE_CODE_DIALECT.call(step, '.'),
  end: {
    calls: [
      {
        name: 'StructuredOutput',
        args: { outcome: 'done', title: 'Raise the retry limits to five', summary: SUMMARY },
      },
    ],
  },
}

/** With all its tools it has none to search with: that is left to its shell. */
export const CLAUDE_CODE_WITHOUT_GREP: Dialect = {
  ...CLAUDE_CODE_DIALECT,
  call(step, workspace) {
    if (step.kind !== 'grep') return CLAUDE_CODE_DIALECT.call(step, workspace)
    return { name: 'Bash', args: { command: `grep -rn ${step.pattern} .` } }
  },
}

/** For its newest models Codex offers one tool, which takes JavaScript that calls the others. */
export const CODEX_DIALECT: Dialect = {
  call(step) {
    switch (step.kind) {
      case 'read':
        return execute(`sed -n '1,800p' ${step.path}`)
      case 'grep':
        return execute(`rg -n ${step.pattern}`)
      case 'edit': {
        const patch = [
          '*** Begin Patch',
          `*** Update File: ${step.path}`,
          '@@',
          `-${step.oldText.trimEnd()}`,
          `+${step.newText.trimEnd()}`,
          '*** End Patch',
          '',
        ].join('\n')
        return { name: 'exec', input: `text(await tools.apply_patch(${JSON.stringify(patch)}))` }
      }
      case 'bash':
        return execute(step.command)
    }
  },
  end: { text: SUMMARY },
}

function execute(cmd: string): Call {
  const args = JSON.stringify({ cmd })
  return { name: 'exec', input: `const { output } = await tools.exec_command(${args})\ntext(output)` }
}
