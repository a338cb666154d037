//! What each refusal of the relay changes: an op is dropped or waits, the connection is made anew, or all is over.

use chat_relay_protocol::{AnnotationId, Body, ErrorCode, OpId, Retry, SceneOp, Seq, WireError};

use crate::{
    client::Client,
    link::Link,
    moment::Moment,
    news::{News, Notice, Problem},
    outbox::Request,
};

/// An op that is to wait waits at least this long, in milliseconds.
const LEAST_WAIT_MILLIS: u64 = 50;

impl Client {
    pub(crate) fn refused(&mut self, error: WireError, now: Moment) {
        self.tell(|| News::Refused(error.clone()));
        let joined = matches!(self.link, Link::Joined(_));
        // The relay names the op that it refuses, unless it could not even read that much of it.
        let unreadable = matches!(error.code, ErrorCode::TooLarge | ErrorCode::BadMessage);
        let op = error
            .op_id
            .clone()
            .or_else(|| self.outbox.under_way().filter(|_| unreadable && joined));
        match (op, error.retry) {
            (Some(op_id), Retry::Later { after_millis }) => {
                if self.outbox.under_way() == Some(op_id) {
                    let wait = after_millis.max(LEAST_WAIT_MILLIS);
                    self.outbox.hold(now.monotonic_millis + wait);
                }
            }
            (Some(op_id), _) => self.drop_op(&op_id, error, now),
            (None, Retry::Later { after_millis }) => match error.code {
                // Not of the connection: of presence, reading, a page of history, or of what became of the op under way.
                // That nothing else may tell, and sending it again is safe.
                ErrorCode::RateLimited | ErrorCode::Storage if joined => {
                    let wait = after_millis.max(LEAST_WAIT_MILLIS);
                    self.hold_presence(now.monotonic_millis + wait);
                    if self.outbox.under_way().is_some() {
                        self.outbox.hold(now.monotonic_millis + wait);
                    }
                    self.log.stop_fetching();
                    self.changed();
                }
                ErrorCode::Lagged => self.reconnect_after(after_millis, now),
                _ => {
                    self.problem = Some(problem(error, true));
                    self.reconnect_after(after_millis, now);
                }
            },
            (None, _) if joined && is_of_one_message(error.code) => {
                self.log.stop_fetching();
                self.note(problem(error, false));
            }
            (None, _) => self.end(Some(problem(error, false))),
        }
    }

    fn drop_op(&mut self, op_id: &OpId, error: WireError, now: Moment) {
        let Some(op) = self.outbox.refuse(op_id) else {
            return;
        };
        let told = match error.code {
            ErrorCode::Gone => self.loss(&op.request, error),
            _ => Some(problem(error, false)),
        };
        if let Some(problem) = told {
            self.note(problem);
        }
        self.save_soon(now);
        self.rebased();
    }

    /// What the person is told when what a request is about is gone. Nothing is lost with an undo, with what was to be
    /// taken away anyway, and with a decision that somebody else has made; and of several changes of one thing only the
    /// last one is told.
    fn loss(&self, request: &Request, error: WireError) -> Option<Problem> {
        let Request::Append(body) = request else {
            return Some(problem(error, false));
        };
        match body {
            Body::ChatDelete { .. } | Body::Room { .. } => return None,
            Body::Scene {
                op: SceneOp::Delete { .. },
            } => return None,
            _ if request.is_undo() => return None,
            _ => {}
        }
        let Some(subject) = Subject::of(body) else {
            return Some(problem(error, false));
        };
        let mut others = self.outbox.pending().filter(|op| !op.request.is_undo());
        let comes_again = others.any(|op| match &op.request {
            Request::Append(body) => Subject::of(body) == Some(subject),
            Request::Direct { .. } => false,
        });
        (!comes_again).then(|| Problem {
            message: "What you changed is no longer there.".into(),
            ..problem(error, false)
        })
    }

    /// Tells the person something, once.
    pub(crate) fn note(&mut self, problem: Problem) {
        let number = self.notice.as_ref().map_or(1, |notice| notice.number + 1);
        self.notice = Some(Notice { number, problem });
        self.changed();
    }
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject<'a> {
    Annotation(&'a AnnotationId),
    Message(Seq),
}

impl<'a> Subject<'a> {
    fn of(body: &'a Body) -> Option<Subject<'a>> {
        match body {
            Body::Scene {
                op: SceneOp::Delete { .. },
            } => None,
            Body::Scene { op } => Some(Subject::Annotation(op.id())),
            Body::ChatEdit { message, .. } | Body::Reaction { message, .. } => {
                Some(Subject::Message(*message))
            }
            _ => None,
        }
    }
}

/// Whether the connection goes on after such a refusal.
fn is_of_one_message(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::TooLarge
            | ErrorCode::BadMessage
            | ErrorCode::InvalidOp
            | ErrorCode::NotYourDevice
            | ErrorCode::Forbidden
            | ErrorCode::Muted
            | ErrorCode::Gone
            | ErrorCode::LimitReached
            | ErrorCode::RateLimited
            | ErrorCode::Storage
    )
}

fn problem(error: WireError, retry: bool) -> Problem {
    Problem {
        code: error.code.name().into(),
        message: error.message,
        retry,
    }
}
