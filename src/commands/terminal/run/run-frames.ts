import { BackspaceApiError } from '../../../client/create-client.ts'
import { BackspaceError } from '../../../errors.ts'
import { type ConnectOptions, connect, noRun, refusalOf } from '../service/reached-service.ts'
import { endOf, type ReceivedFrame, readFrame } from './received-frame.ts'

/** A frame, and the text that the service sent for it. */
export interface StreamedFrame {
  readonly frame: ReceivedFrame
  readonly sent: unknown
}

interface RunFramesOptions extends ConnectOptions {
  /** API token for the service; undefined to send none. */
  readonly token?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called every few seconds with the end of the running command's output. */
  readonly onOutput?: ((text: string) => void) | undefined
}

/**
 * Reads a run's frames from its event stream to the end, and resumes after `Last-Event-ID` when the connection
 * breaks.
 *
 * @param eventsUrl the run's `eventsUrl`.
 * @throws {BackspaceError} that names the address, if the service refuses the request, is not Backspace, or stays away.
 * @throws {SyntaxError} if it sends something that is not a frame.
 */
export async function* runFrames(
  eventsUrl: string,
  options: RunFramesOptions = {},
): AsyncGenerator<ReceivedFrame> {
  for await (const { frame } of streamFrames(eventsUrl, options)) yield frame
}

/** As `runFrames`, with each frame as the service sent it. */
export async function* streamFrames(
  eventsUrl: string,
  { token, signal, onOutput, ...options }: RunFramesOptions = {},
): AsyncGenerator<StreamedFrame> {
  const [, url = '', runId = ''] = /^(.*)\/runs\/([\w-]+)\/events$/.exec(eventsUrl) ?? []
  if (!URL.canParse(url)) throw noRun(eventsUrl)
  const { client, patience } = connect({ url, token }, options)
  try {
    for await (const sent of client.events(runId, { signal, onOutput })) {
      patience.heard()
      const frame = readFrame(sent)
      yield { frame, sent }
      if (endOf(frame) !== undefined) return
    }
  } catch (error) {
    if (!(error instanceof BackspaceApiError)) throw error
    // The service sends something that Backspace would not send.
    if (error.code === 'unexpected_answer') readFrame(undefined)
    throw explain(error, { url, runUrl: `${url}/runs/${runId}`, advice: patience.advice() })
  }
}

function explain(
  error: BackspaceApiError,
  { url, runUrl, advice }: { readonly url: string; readonly runUrl: string; readonly advice: string },
): BackspaceError {
  switch (error.status) {
    case 401:
    case 403:
      return new BackspaceError(
        'unauthorized',
        `${url} needs an API token for this run (${error.status}). Set BACKSPACE_TOKEN to one that may read it.`,
      )
    case 404:
      return new BackspaceError(
        'not_found',
        `There is no run at ${runUrl} (404). Copy the address of the run's page.`,
      )
    default:
      return refusalOf(error, { url, advice })
  }
}
