import { type RunEventBody, STEPS } from '../run-event.ts'

/**
 * Makes a stored event fit for this version. During an upgrade, a newer version may have stored a type of event or a
 * step that this one does not know. Such an event becomes a notice: leaving it out would leave a gap in the numbers.
 */
export function knownEvent(body: RunEventBody): RunEventBody {
  if (Object.hasOwn(KINDS, body.type) && hasKnownStep(body)) return body
  return {
    type: 'notice',
    level: 'info',
    message: `A newer version of Backspace noted something that this one cannot show (${body.type})`,
  }
}

function hasKnownStep(body: RunEventBody): boolean {
  return (body.type !== 'step.started' && body.type !== 'step.finished') || STEPS.includes(body.step)
}

const KINDS: Readonly<Record<RunEventBody['type'], true>> = {
  'run.queued': true,
  'run.paused': true,
  'run.started': true,
  'step.started': true,
  'step.finished': true,
  'setup.finished': true,
  'checks.finished': true,
  'changes.collected': true,
  'verification.finished': true,
  notice: true,
  'run.succeeded': true,
  'run.failed': true,
  'run.cancelled': true,
  'agent.message': true,
  'agent.note': true,
  'agent.plan': true,
  'agent.notice': true,
  'tool.started': true,
  'tool.finished': true,
  'model.turn': true,
  'model.retried': true,
  'model.switched': true,
  'context.compacted': true,
  'finish.reviewed': true,
}
