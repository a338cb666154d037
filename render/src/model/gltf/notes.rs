//! What was left out of a model, gathered while it is read.

/// More than these say nothing new.
const MOST: usize = 64;

/// Sentences, each once.
#[derive(Default)]
pub(super) struct Notes {
    sentences: Vec<String>,
}

impl Notes {
    pub(super) fn add(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if self.sentences.len() < MOST && !self.sentences.contains(&sentence) {
            self.sentences.push(sentence);
        }
    }

    pub(super) fn into_sentences(self) -> Vec<String> {
        self.sentences
    }
}
