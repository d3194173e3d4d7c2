// A doubly linked list whose links live in the elements: no allocation, O(1) removal by element.
// An element is in at most one list per ListNode base. Destroying a linked element unlinks it.
#pragma once

#include <cstddef>

namespace reseal {

/// Base of an element; `Tag` allows several lists an object.
template <class Tag>
class ListNode {
 public:
  ListNode() = default;
  ~ListNode() { unlink(); }
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

  [[nodiscard]] bool is_linked() const { return next_ != nullptr; }
  void unlink() {
    if (next_ == nullptr) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }

 private:
  template <class T, class U>
  friend class IntrusiveList;
  ListNode* next_ = nullptr;
  ListNode* prev_ = nullptr;
};

/// T derives from ListNode<Tag>. The list borrows its elements.
template <class T, class Tag>
class IntrusiveList {
  using Node = ListNode<Tag>;

 public:
  IntrusiveList() { root_.next_ = root_.prev_ = &root_; }
  ~IntrusiveList() {
    while (!empty()) root_.next_->unlink();
    root_.next_ = root_.prev_ = nullptr;
  }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  [[nodiscard]] bool empty() const { return root_.next_ == &root_; }
  [[nodiscard]] T* front() const { return empty() ? nullptr : element(root_.next_); }
  [[nodiscard]] T* back() const { return empty() ? nullptr : element(root_.prev_); }

  /// Links `item` at the end (after unlinking it from where it was).
  void push_back(T& item) { insert_before(root_, item); }
  void push_front(T& item) { insert_before(*root_.next_, item); }
  void insert_after(T& where, T& item) { insert_before(*static_cast<Node&>(where).next_, item); }
  [[nodiscard]] T* next(const T& item) const {
    const Node& node = item;
    return node.next_ == &root_ ? nullptr : element(node.next_);
  }
  [[nodiscard]] T* previous(const T& item) const {
    const Node& node = item;
    return node.prev_ == &root_ ? nullptr : element(node.prev_);
  }

 private:
  static T* element(Node* node) { return static_cast<T*>(node); }
  static void insert_before(Node& where, Node& node) {
    node.unlink();
    node.prev_ = where.prev_;
    node.next_ = &where;
    where.prev_->next_ = &node;
    where.prev_ = &node;
  }
  Node root_;
};

}  // namespace reseal
