import { type ReceivedMessage } from '@app/events';

/** The activity id of a notification, which is all that it says, and stands at the end of its subject. */
export function decodeNotification(_message: ReceivedMessage, subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}
