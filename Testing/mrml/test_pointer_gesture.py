"""Press, moves and release: a click, a stroke, or nothing."""

from __future__ import annotations

from SAIMCore.mrml.pointer_gesture import Gesture, PointerGesture

A, B, C = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (2.0, 0.0, 0.0)


def test_press_and_release_are_a_click() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A)
    assert gesture.active
    assert gesture.release() == Gesture((A,))
    assert not gesture.active


def test_the_modifier_counts_when_the_button_goes_down() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A, background=True)
    gesture.move("Red", (6, 5), B)
    assert gesture.release() == Gesture((A, B), background=True)
    gesture.press("Red", (5, 5), A)
    assert gesture.release() == Gesture((A,))


def test_a_drag_is_every_place_of_the_pointer() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A)
    assert gesture.move("Red", (6, 5), B)
    assert gesture.move("Red", (7, 5), C)
    assert gesture.release() == Gesture((A, B, C))


def test_a_drag_is_known_before_it_ends() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A)
    assert gesture.points == (A,)
    gesture.move("Red", (6, 5), B)
    assert gesture.points == (A, B)
    gesture.release()
    assert gesture.points == ()
    gesture.press("Red", (5, 5), A)
    gesture.cancel()
    assert gesture.points == ()


def test_a_move_of_no_length_is_none() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A)
    assert gesture.move("Red", (5, 5), A)
    assert gesture.release() == Gesture((A,))


def test_moves_without_a_press_belong_to_somebody_else() -> None:
    gesture = PointerGesture()
    assert not gesture.move("Red", (6, 5), B)
    assert gesture.release() is None


def test_what_happens_in_another_view_is_not_drawn() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A)
    assert gesture.move("Green", (9, 9), C)
    assert gesture.release() == Gesture((A,))


def test_a_double_click_is_two_clicks() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A)
    first = gesture.release()
    gesture.press("Red", (5, 5), A)
    assert (first, gesture.release()) == (Gesture((A,)), Gesture((A,)))


def test_a_press_that_was_never_released_is_dropped_by_the_next() -> None:
    gesture = PointerGesture()
    gesture.press("Red", (5, 5), A)
    gesture.move("Red", (6, 5), B)
    gesture.press("Green", (5, 5), C)
    assert gesture.release() == Gesture((C,))
    gesture.press("Red", (5, 5), A)
    gesture.cancel()
    assert gesture.release() is None
