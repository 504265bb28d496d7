// What somebody types in a field is theirs until it is done: then it is sent, and what the server
// has made of it is shown, as after a refusal. A field that is typed in again is left alone.
window.saimTyped = {
  install(app) {
    app.component("saim-typed", {
      // What the server has, and what sends it a text and waits for the answer.
      props: ["value", "send"],
      data: () => ({ typed: null, sent: null }),
      methods: {
        type(text) {
          this.typed = text ?? "";
        },
        async done(event) {
          const field = event?.target;
          if (field?.validity?.badInput) {
            // It has no text that could be sent.
            field.value = "";
            this.typed = null;
          }
          const text = this.typed;
          if (text === null || text === this.sent) return;
          if (this.sent === null && text === String(this.value)) {
            // Nobody has changed anything in the end.
            this.typed = null;
            return;
          }
          this.sent = text;
          try {
            await this.send(text);
          } finally {
            if (this.typed === text) this.typed = null;
            if (this.sent === text) this.sent = null;
          }
        },
      },
      template: '<slot :text="typed ?? value" :type="type" :done="done" />',
    });
  },
};
