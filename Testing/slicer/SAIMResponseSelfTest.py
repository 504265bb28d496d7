"""How soon an answer is seen, and how the application feels meanwhile.

The figures are printed; what is asserted leaves room for slow and busy machines.
"""

import click_test
from measuring import Heartbeat, SlowNetwork, Writings

CENTER = (24, 24, 6)
KIDNEY = (42, 42, 6)
# In ms. What is wanted is 80 and 40.
LONGEST_GAP = 250
LONGEST_WRITING = 250


class SAIMResponseTest(click_test.ClickTest):
    """Times, and clicks that come faster than the answers."""

    def test_a_timer_goes_on_while_the_network_works(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        # The first click makes the markers and allocates the labelmap.
        self.session.click("Red", CENTER)
        SlowNetwork(self.session.session, seconds=2)
        heartbeat = Heartbeat()
        self.session.click("Red", KIDNEY)
        gaps = heartbeat.stop()
        self.assertGreater(len(gaps), 8)
        print(f"worst of {len(gaps)} gaps of a 20 Hz timer in a prediction: {max(gaps):.0f} ms")
        self.assertLess(max(gaps), LONGEST_GAP)

    def test_an_answer_is_soon_in_the_segments(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        network = SlowNetwork(self.session.session, seconds=0.3)
        writings = Writings(self.session.effect.desk.series.effect.annotation)
        for row in range(20, 30, 2):
            self.session.click("Red", (24, row, 6))
        times = [
            1000 * (done - ready)
            for ready, done in zip(network.readyAt, writings.doneAt, strict=True)
        ]
        self.assertEqual(len(times), 5)
        typical = sorted(times)[2]
        print(f"network done to labels in segments: {typical:.0f} ms, at most {max(times):.0f} ms")
        self.assertLess(max(times), LONGEST_WRITING)

    def test_a_click_while_the_network_works_counts_as_well(self):
        network = SlowNetwork(self.session.session, seconds=0.3)
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.press("Red", CENTER)
        self.session.select("kidney")
        self.session.press("Red", KIDNEY)
        self.assertEqual(network.readyAt, [])
        self.session.settle()
        clicks = self.session.session.interactions(6)
        self.assertEqual([click.class_index for click in clicks], [1, 2])
        self.assertTrue(self.session.voxels("liver")[6, 24, 24])
        self.assertTrue(self.session.voxels("kidney")[6, 42, 42])

    def test_a_double_click_is_two_clicks(self):
        SlowNetwork(self.session.session, seconds=0.3)
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.press("Red", CENTER)
        self.session.pressAgain("Red", CENTER)
        self.session.settle()
        clicks = self.session.session.interactions(6)
        self.assertEqual([click.class_index for click in clicks], [1, 1])
